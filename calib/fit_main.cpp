// gpuplan-fit: tables of kernel times in, the device profile of one accelerator out.
#include <cstddef>
#include <cstdio>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "calib/fit/device.hpp"
#include "calib/profile.hpp"
#include "topology/error.hpp"

namespace {

constexpr std::string_view kUsage =
    "Fits the device profile of one accelerator to tables of kernel times.\n"
    "usage: gpuplan-fit --tables FOLDER --accelerator NAME --out FILE.json\n"
    "  --tables       folder with gemm_*.csv and attention_forward_*.csv\n"
    "  --accelerator  catalog name, e.g. h100-sxm\n"
    "  --out          profile to write\n";

struct Request {
  std::string tables, accelerator, out;
};

/// Nothing where help was asked for. @throws topology::InputError for anything but the three
/// options.
std::optional<Request> parse(std::span<char*> arguments) {
  Request request;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view option = arguments[i];
    if (option == "--help" || option == "-h") {
      return std::nullopt;
    }
    std::string* const value = option == "--tables"        ? &request.tables
                               : option == "--accelerator" ? &request.accelerator
                               : option == "--out"         ? &request.out
                                                           : nullptr;
    if (value == nullptr || ++i == arguments.size()) {
      throw topology::InputError(
          fmt::format("\"{}\" is {}; see --help", option,
                      value == nullptr ? "not an option" : "without its value"));
    }
    *value = arguments[i];
  }
  if (request.tables.empty() || request.accelerator.empty() || request.out.empty()) {
    throw topology::InputError("--tables, --accelerator and --out are all needed; see --help");
  }
  return request;
}

void print_residuals(const calib::DeviceProfile& profile) {
  fmt::print(stderr, "{:<38} {:>7} {:>7} {:>7} {:>7} {:>7}\n", profile.id, "records", "median",
             "p90", "max", "bias");
  for (const auto& [kind, r] : profile.residuals) {
    fmt::print(stderr, "{:<38} {:>7} {:>7.3f} {:>7.3f} {:>7.3f} {:>+7.3f}\n", kind, r.records,
               r.median, r.p90, r.max, r.bias);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto request =
        parse(std::span(argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0)));
    if (!request) {
      fmt::print("{}", kUsage);
      return 0;
    }
    const calib::DeviceProfile profile =
        calib::fit_device_tables(request->accelerator, request->tables);
    calib::write_profile(profile, request->out);
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
