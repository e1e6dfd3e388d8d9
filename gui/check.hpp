#pragma once
// Live validation: the scenario reader of the command line, in this process, with its sentences.
#include <optional>
#include <vector>

#include <QString>

#include "scenarios/catalog.hpp"
#include "scenarios/explained.hpp"
#include "scenarios/scenario.hpp"

namespace gui {

/// What is wrong, and where: fields and lines show it.
struct Complaint {
  QString sentence;  ///< as the command line prints it
  QString key;       ///< "training.global_batch"; empty where no key is to blame
  int line = 0;      ///< in the text itself, from 1; 0: elsewhere
};

struct Checked {
  std::optional<scenarios::Scenario> scenario;  ///< where the text is valid
  std::optional<Complaint> complaint;           ///< where it is not
};

/// @param path the file the text belongs to: paths in it are relative to that, messages name it.
Checked check(const QString& text, const QString& path, const scenarios::Catalog& catalog);

/// The resolved value of a key and its source; null where the scenario has none.
const scenarios::Explained* explained(const Checked& checked, const QString& key);

}  // namespace gui
