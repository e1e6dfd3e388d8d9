#include "scenarios/cluster_option.hpp"

#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "scenarios/entries.hpp"
#include "scenarios/scenario_file.hpp"
#include "scenarios/suggest.hpp"
#include "topology/error.hpp"

namespace scenarios {

namespace {

using topology::ClusterSpec;
using topology::InputError;

struct Option {
  std::filesystem::path file;
  std::optional<int> gpus;
  std::span<const std::string> sets;
  const Catalog& catalog;
  std::vector<Explained>* explained;
};

ClusterSpec resolve(Document document, const Option& option) {
  if (option.gpus) {
    document.root["cluster"]["gpus"] = *option.gpus;
    document.places["/cluster/gpus"] = {{"the command line"}, {"the command line"}};
  }
  return resolve_cluster(option.catalog, document, option.explained);
}

ClusterSpec from_yaml(const Option& option) {
  ClusterSpec spec = resolve(read_cluster_file(option.file, option.sets), option);
  if (spec.id == "custom") {
    spec.id = option.file.stem().string();
  }
  return spec;
}

/// Files by their extension. Another kind of file is one row more.
struct FileKind {
  std::string_view extension;
  ClusterSpec (*load)(const Option& option);
};
constexpr std::array kFileKinds{FileKind{".yaml", from_yaml}, FileKind{".yml", from_yaml}};

const FileKind* kind_of(const std::filesystem::path& file) {
  for (const FileKind& kind : kFileKinds) {
    if (file.extension() == kind.extension) {
      return &kind;
    }
  }
  return nullptr;
}

[[noreturn]] void refuse_extension(const std::string& file) {
  if (file.ends_with(".graphml") || file.ends_with(".edges")) {
    throw InputError({file}, {},
                     fmt::format("a drawn fabric needs to know its nodes; name a scenario file "
                                 "with cluster: {{graph: {}, node: dgx-h100}}",
                                 file));
  }
  std::vector<std::string> known;
  for (const FileKind& kind : kFileKinds) {
    known.emplace_back(kind.extension);
  }
  throw InputError(
      {file}, {}, fmt::format("a cluster is read from a file that ends in {}", quoted_list(known)));
}

}  // namespace

ClusterSpec load_cluster(const std::string& name_or_file, std::optional<int> gpus,
                         std::span<const std::string> sets, const Catalog& catalog,
                         std::vector<Explained>* explained) {
  const Option option{name_or_file, gpus, sets, catalog, explained};
  const FileKind* kind = kind_of(option.file);
  std::error_code code;
  const bool is_file = std::filesystem::is_regular_file(option.file, code);
  const bool is_drawing = name_or_file.ends_with(".graphml") || name_or_file.ends_with(".edges");
  if (kind == nullptr && !is_file && !is_drawing && name_or_file.find('/') == std::string::npos) {
    return resolve(cluster_by_name(name_or_file, "--cluster", sets), option);
  }
  if (kind == nullptr) {
    refuse_extension(name_or_file);
  }
  return kind->load(option);
}

}  // namespace scenarios
