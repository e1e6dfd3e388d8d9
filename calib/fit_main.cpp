// gpuplan-fit: tables of kernel times in, the device profile of one accelerator out.
#include "calib/fit/device.hpp"
#include "calib/profile.hpp"
#include "topology/error.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>

namespace {

void print_residuals(const calib::DeviceProfile& profile) {
  fmt::print(stderr, "{:<38} {:>7} {:>7} {:>7} {:>7} {:>7}\n", profile.id, "records", "median", "p90",
             "max", "bias");
  for (const auto& [kind, r] : profile.residuals) {
    fmt::print(stderr, "{:<38} {:>7} {:>7.3f} {:>7.3f} {:>7.3f} {:>+7.3f}\n", kind, r.records, r.median,
               r.p90, r.max, r.bias);
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Fits the device profile of one accelerator to tables of kernel times."};
  std::string tables, accelerator, out;
  app.add_option("--tables", tables, "folder with gemm_*.csv and attention_forward_*.csv")->required();
  app.add_option("--accelerator", accelerator, "catalog name, e.g. h100-sxm")->required();
  app.add_option("--out", out, "profile to write")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  try {
    const calib::DeviceProfile profile = calib::fit_device_tables(accelerator, tables);
    calib::write_profile(profile, out);
    print_residuals(profile);
    return 0;
  } catch (const topology::InputError& e) {
    fmt::print(stderr, "gpuplan-fit: {}\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    fmt::print(stderr, "gpuplan-fit: {}\n", e.what());
    return 3;
  }
}
