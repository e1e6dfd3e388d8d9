#pragma once
// What a file is that somebody drops on the window, told by its ending and by what stands in it.
#include <QString>

namespace gui {

enum class Dropped {
  Scenario,      ///< YAML
  HfConfig,      ///< a Hugging Face config.json
  NcclTopology,  ///< XML
  Measurements   ///< everything else: records, nccl-tests output, tables
};
Dropped kind_of(const QString& file);

/// `folder/stem.suffix`, or `folder/stem-2.suffix` and so on: a name that is not taken yet.
QString free_name(const QString& folder, const QString& stem, const QString& suffix);

}  // namespace gui
