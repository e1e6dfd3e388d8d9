#pragma once
// What a run is trained on: datasets, and the mixture of them that it reads.
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/data/synthesis.hpp"
#include "sim/run/cost.hpp"
#include "topology/units.hpp"

namespace sim {

enum class Modality { Text, Image, Video, Audio, Multimodal, Sensor };
std::string_view name(Modality modality);
std::optional<Modality> modality_from_name(std::string_view name);

/// What a run counts: tokens of a language model, samples of a model of towers.
enum class DataUnit { Tokens, Samples };

struct DataPrice {
  units::Usd amount{};  ///< 0: none is asked, or none is known
  PriceSource source{};
};

struct Dataset {
  std::string id{};  ///< catalog name; empty: of the user
  Modality modality = Modality::Text;
  double tokens = 0, samples = 0;  ///< 0: not said
  units::Bytes bytes{};            ///< as stored and read
  units::Seconds decode{};         ///< CPU core time that makes one sample ready
  double human = 1;                ///< share that people made
  std::vector<std::string> stays{};  ///< "on-premises" or regions; empty: anywhere
  DataPrice whole{}, billion_tokens{}, sample{}, annotation{};  ///< the last per labelled sample
  /// Tokens or samples that it has; 0 where that is not known.
  [[nodiscard]] double units(DataUnit unit) const {
    return unit == DataUnit::Tokens ? tokens : samples;
  }
};

/// One ingredient of a mixture.
struct DataPart {
  std::string label{};
  Dataset data{};
  double share = 0;      ///< of the run's tokens or samples; all parts add up to 1
  double annotated = 0;  ///< share of its samples that people label for this run
  std::optional<Synthesis> synthesis{};  ///< generated before the run, instead of acquired
};
using Mixture = std::vector<DataPart>;

}  // namespace sim
