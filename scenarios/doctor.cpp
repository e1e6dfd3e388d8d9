#include "scenarios/doctor.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "scenarios/catalog.hpp"
#include "scenarios/schema.hpp"
#include "scenarios/version.hpp"
#include "sim/engine/network.hpp"

namespace scenarios {

namespace {

enum class Verdict { Ok, Optional, Problem };

struct Finding {
  Verdict verdict = Verdict::Ok;
  std::string subject;
  std::string state;
  std::string remedy;  ///< empty where nothing is to be done
};

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::Ok:
      return "ok";
    case Verdict::Optional:
      return "optional";
    case Verdict::Problem:
      return "problem";
  }
  return "?";
}

bool is_there(const std::filesystem::path& path) {
  std::error_code code;
  return std::filesystem::exists(path, code);
}

/// The first of `names` in `directories`, empty if there is none.
std::string locate(const std::vector<std::filesystem::path>& directories,
                   const std::vector<std::string>& names) {
  for (const auto& directory : directories) {
    for (const auto& file : names) {
      if (is_there(directory / file)) {
        return (directory / file).string();
      }
    }
  }
  return {};
}

std::vector<std::filesystem::path> program_directories() {
  std::vector<std::filesystem::path> list;
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    list.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  list.emplace_back("/usr/local/cuda/bin");
  return list;
}

std::vector<std::filesystem::path> library_directories() {
  std::vector<std::filesystem::path> list{"/usr/lib/x86_64-linux-gnu",
                                          "/usr/lib/aarch64-linux-gnu",
                                          "/usr/lib64",
                                          "/usr/lib",
                                          "/usr/local/lib",
                                          "/usr/local/cuda/lib64"};
  if (const char* home = std::getenv("NCCL_HOME"); home != nullptr) {
    list.insert(list.begin(), std::filesystem::path(home) / "lib");
  }
  return list;
}

Finding engine() {
  const std::string version(sim::simgrid_version());
  if (sim::kernel_backend_available()) {
    return {Verdict::Ok, "SimGrid", version + ", fast backend", {}};
  }
  return {Verdict::Optional, "SimGrid", version + ", public backend only (slower, same results)",
          "build against Debian 12's libsimgrid-dev 3.32 to get the fast backend"};
}

/// Loads every entry, so that a broken file shows here and not in the middle of work.
Finding entries(const Catalog& catalog, EntryKind kind) {
  const auto names = catalog.names(kind);
  for (const std::string& name : names) {
    try {
      [[maybe_unused]] const Document& entry = catalog.entry(kind, name);
    } catch (const topology::InputError& e) {
      return {Verdict::Problem, fmt::format("catalog {}", plural(kind)), e.what(),
              "repair or remove that entry"};
    }
  }
  return {names.empty() ? Verdict::Problem : Verdict::Ok, fmt::format("catalog {}", plural(kind)),
          fmt::format("{} entries", names.size()),
          names.empty() ? "install the whole catalog" : ""};
}

Finding profiles(const Catalog& catalog) {
  std::error_code code;
  int count = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(catalog.directory() / "profiles", code)) {
    count += file.path().extension() == ".json" ? 1 : 0;
  }
  return {count == 0 ? Verdict::Problem : Verdict::Ok, "device profiles",
          fmt::format("{} files", count),
          count == 0 ? "install the whole catalog, profiles included" : ""};
}

void examine_catalog(std::vector<Finding>& findings) {
  try {
    const Catalog catalog = Catalog::open();
    findings.push_back({Verdict::Ok, "catalog", catalog.directory().string(), {}});
    for (const EntryKind kind : kEntryKinds) {
      findings.push_back(entries(catalog, kind));
    }
    findings.push_back(profiles(catalog));
  } catch (const topology::InputError& e) {
    findings.push_back({Verdict::Problem, "catalog", e.what(),
                        "set GPUPLAN_CATALOG, or install gpuplan with its share/gpuplan"});
  }
}

Finding gpu() {
  std::error_code code;
  int devices = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/driver/nvidia/gpus", code)) {
    devices += entry.path().empty() ? 0 : 1;
  }
  if (devices > 0) {
    return {Verdict::Ok, "NVIDIA GPU", fmt::format("{} with driver", devices), {}};
  }
  return {Verdict::Optional, "NVIDIA GPU", "none",
          "not needed to simulate; only gpuplan-runner, which measures hardware, needs one"};
}

Finding tool(const std::string& subject, const std::string& found, const std::string& remedy) {
  return found.empty() ? Finding{Verdict::Optional, subject, "not found", remedy}
                       : Finding{Verdict::Ok, subject, found, {}};
}

Finding writable(const std::string& subject, const std::filesystem::path& directory) {
  std::error_code code;
  if (::access(directory.c_str(), W_OK | X_OK) != 0) {
    return {Verdict::Problem, subject, directory.string() + " cannot be written",
            "change to a directory of your own before using --trace or --out"};
  }
  const auto space = std::filesystem::space(directory, code);
  constexpr std::uintmax_t kSmall = std::uintmax_t{100} << 20U;  // a trace of a large run
  if (!code && space.available < kSmall) {
    return {Verdict::Problem, subject,
            fmt::format("{} has {} MiB left", directory.string(), space.available >> 20U),
            "free some space"};
  }
  return {Verdict::Ok, subject, directory.string() + " can be written", {}};
}

std::vector<Finding> examine() {
  std::vector<Finding> findings;
  findings.push_back({Verdict::Ok, "gpuplan", std::string(version()), {}});
  findings.push_back(engine());
  examine_catalog(findings);
  findings.push_back(
      {Verdict::Ok, "schemas", fmt::format("{} compiled in", schema_names().size()), {}});
  findings.push_back(gpu());
  findings.push_back(tool(
      "CUDA toolkit", locate(program_directories(), {"nvcc"}),
      "only to build gpuplan-runner: install NVIDIA's cuda-toolkit, then cmake --preset cuda"));
  findings.push_back(tool("NCCL", locate(library_directories(), {"libnccl.so", "libnccl.so.2"}),
                          "only to measure collectives: install NVIDIA's libnccl-dev"));
  std::error_code code;
  findings.push_back(writable("working directory", std::filesystem::current_path(code)));
  findings.push_back(writable("temporary directory", std::filesystem::temp_directory_path(code)));
  return findings;
}

void print_table(const std::vector<Finding>& findings) {
  std::size_t width = 0;
  for (const Finding& f : findings) {
    width = std::max(width, f.subject.size());
  }
  long problems = 0;
  for (const Finding& f : findings) {
    fmt::print("{:<8}  {:<{}}  {}\n", name(f.verdict), f.subject, width, f.state);
    if (!f.remedy.empty()) {
      fmt::print("{:<8}  {:<{}}  -> {}\n", "", "", width, f.remedy);
    }
    problems += f.verdict == Verdict::Problem ? 1 : 0;
  }
  fmt::print("{}\n", problems == 0 ? "all that simulation needs is here"
                                   : fmt::format("{} problem{} to solve", problems,
                                                 problems == 1 ? "" : "s"));
}

void print_json(const std::vector<Finding>& findings) {
  nlohmann::ordered_json json;
  json["version"] = version();
  json["findings"] = nlohmann::ordered_json::array();
  bool ready = true;
  for (const Finding& f : findings) {
    json["findings"].push_back({{"verdict", name(f.verdict)},
                                {"subject", f.subject},
                                {"state", f.state},
                                {"remedy", f.remedy}});
    ready = ready && f.verdict != Verdict::Problem;
  }
  json["ready"] = ready;
  fmt::print("{}\n", json.dump(2));
}

}  // namespace

int doctor(OutputFormat format) {
  const std::vector<Finding> findings = examine();
  if (format == OutputFormat::Json) {
    print_json(findings);
  } else {
    print_table(findings);
  }
  return 0;
}

}  // namespace scenarios
