#include "gui/views/load_matrix.hpp"

#include <algorithm>

namespace gui {

LoadMatrix::LoadMatrix(std::vector<int> lower, std::vector<int> upper)
    : lower_(std::move(lower)),
      upper_(std::move(upper)),
      loads_(lower_.size() * upper_.size(), -1) {
  int last = 0;
  for (const auto* places : {&lower_, &upper_}) {
    for (const int place : *places) {
      last = std::max(last, place);
    }
  }
  row_of_.assign(static_cast<std::size_t>(last) + 1, -1);
  column_of_ = row_of_;
  for (std::size_t i = 0; i < lower_.size(); ++i) {
    row_of_[static_cast<std::size_t>(lower_[i])] = static_cast<int>(i);
  }
  for (std::size_t i = 0; i < upper_.size(); ++i) {
    column_of_[static_cast<std::size_t>(upper_[i])] = static_cast<int>(i);
  }
}

void LoadMatrix::raise(int lower, int upper, float load) {
  const auto l = static_cast<std::size_t>(lower);
  const auto u = static_cast<std::size_t>(upper);
  if (l < row_of_.size() && u < column_of_.size() && row_of_[l] >= 0 && column_of_[u] >= 0) {
    float& at = loads_[static_cast<std::size_t>(row_of_[l]) * upper_.size() +
                       static_cast<std::size_t>(column_of_[u])];
    at = std::max(at, load);
  }
}

double LoadMatrix::mean() const {
  double sum = 0;
  int cables = 0;
  for (const float load : loads_) {
    sum += load >= 0 ? static_cast<double>(load) : 0.0;
    cables += load >= 0 ? 1 : 0;
  }
  return sum / std::max(cables, 1);
}

double LoadMatrix::most() const {
  return loads_.empty()
             ? 0.0
             : std::max(0.0, static_cast<double>(*std::max_element(loads_.begin(), loads_.end())));
}

}  // namespace gui
