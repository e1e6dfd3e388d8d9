#pragma once
// Hardware, models and frameworks by name, read from the YAML files of one directory when they are
// asked for.
#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenarios/explained.hpp"
#include "sim/plan/layout.hpp"
#include "sim/workload/model.hpp"
#include "topology/cluster_spec.hpp"
#include "topology/error.hpp"
#include "topology/hardware.hpp"

namespace scenarios {

struct Document;

enum class EntryKind {
  Accelerator,
  Model,
  Fabric,
  Node,
  Nic,
  Switch,
  Cable,
  Framework,
  Failure,
  Recovery,
  Storage,
  Grid,
  Cooling,
  Price,
  Ownership,
  Dataset
};
inline constexpr std::array kEntryKinds{
    EntryKind::Accelerator, EntryKind::Model,    EntryKind::Fabric,    EntryKind::Node,
    EntryKind::Nic,         EntryKind::Switch,   EntryKind::Cable,     EntryKind::Framework,
    EntryKind::Failure,     EntryKind::Recovery, EntryKind::Storage,   EntryKind::Grid,
    EntryKind::Cooling,     EntryKind::Price,    EntryKind::Ownership, EntryKind::Dataset};
std::string_view plural(EntryKind kind);  ///< "accelerators", "switches"
std::optional<EntryKind> entry_kind_from_name(std::string_view name);  ///< singular or plural

/// What to make of a fabric.
struct ClusterRequest {
  std::string fabric;       ///< catalog name
  std::optional<int> gpus;  ///< default: the fabric's own number
  std::string accelerator;  ///< instead of the node's; empty: the node's
  std::vector<std::pair<std::string, std::string>>
      overrides;  ///< {"nic.bandwidth", "400 Gbit/s"}, see the schema
};

/// All functions that take a name throw InputError if there is no such entry, naming the nearest
/// ones and, where given, the place that asked. `explained` collects every figure with its source.
/// Reads each file once; not for several threads at a time.
class Catalog {
 public:
  using Log = std::vector<Explained>*;

  /// $GPUPLAN_CATALOG, else share/gpuplan/catalog beside the program's bin, else the source tree it
  /// was built from. `profile`: of gpuplan calibrate, whose measured power goes before the catalog's;
  /// empty: none.
  /// @throws InputError if none is there.
  static Catalog open(const std::filesystem::path& profile = {});
  /// Where open() looks, in its order.
  static std::vector<std::filesystem::path> places();
  /// @throws InputError if `directory` holds no catalog.
  explicit Catalog(std::filesystem::path directory, const std::filesystem::path& profile = {});
  ~Catalog();
  Catalog(Catalog&&) noexcept;
  Catalog& operator=(Catalog&&) noexcept;

  [[nodiscard]] const std::filesystem::path& directory() const;
  /// All names of a kind, sorted; without aliases.
  [[nodiscard]] std::vector<std::string> names(EntryKind kind) const;
  /// The catalog name behind an accelerator's other spelling ("H100-SXM5-80GB"); nothing if it is
  /// unknown.
  [[nodiscard]] std::optional<std::string> accelerator_id(std::string_view spelling) const;

  [[nodiscard]] topology::Accelerator accelerator(std::string_view name,
                                                  const topology::Location& where = {},
                                                  Log explained = nullptr) const;
  [[nodiscard]] topology::Nic nic(std::string_view name, Log explained = nullptr) const;
  [[nodiscard]] topology::Switch network_switch(std::string_view name,
                                                Log explained = nullptr) const;
  [[nodiscard]] topology::Cable cable(std::string_view name, Log explained = nullptr) const;
  /// All cables and transceivers, by name.
  [[nodiscard]] std::vector<topology::Cable> cables() const;
  [[nodiscard]] topology::Node node(std::string_view name, const topology::Location& where = {},
                                    Log explained = nullptr) const;
  [[nodiscard]] sim::ModelSpec model(std::string_view name, const topology::Location& where = {},
                                     Log explained = nullptr) const;
  [[nodiscard]] sim::Framework framework(std::string_view name,
                                         const topology::Location& where = {},
                                         Log explained = nullptr) const;
  /// @throws InputError also if the request makes no cluster.
  [[nodiscard]] topology::ClusterSpec cluster(const ClusterRequest& request,
                                              Log explained = nullptr) const;

  /// Customary scale-out bandwidth per accelerator, for clusters of which only the accelerator is
  /// known.
  [[nodiscard]] units::BytesPerSecond customary_nic_bandwidth(std::string_view accelerator) const;
  /// Parameters that the model's authors state; nothing where they state none.
  [[nodiscard]] std::optional<double> published_parameters(std::string_view model) const;

  /// The checked values of an entry, with their places. For this room.
  [[nodiscard]] const Document& entry(EntryKind kind, std::string_view name,
                                      const topology::Location& where = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace scenarios
