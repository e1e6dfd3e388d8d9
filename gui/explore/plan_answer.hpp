#pragma once
// What `gpuplan search --json` and `gpuplan plan --json` found, as candidates and as sentences.
#include <vector>

#include <QByteArray>
#include <QString>

#include "gui/explore/candidates_view.hpp"

namespace gui {

struct Found {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
  std::vector<Candidate> candidates;
  QString summary;
  QString x, y;  ///< columns that the chart shows at first
};

/// @throws topology::RuntimeFailure if `json` is no such answer.
Found read_layouts(const QByteArray& json);
Found read_plans(const QByteArray& json);

}  // namespace gui
