#pragma once
// How loaded the cables between two tiers of switches are.
#include <cstddef>
#include <vector>

namespace gui {

/// Loads of the cables between the lowest switches (rows) and those above them (columns), of the
/// busier direction.
class LoadMatrix {
 public:
  LoadMatrix() = default;
  LoadMatrix(std::vector<int> lower, std::vector<int> upper);
  [[nodiscard]] bool empty() const { return loads_.empty(); }
  [[nodiscard]] int rows() const { return static_cast<int>(lower_.size()); }
  [[nodiscard]] int columns() const { return static_cast<int>(upper_.size()); }
  [[nodiscard]] float load(int row, int column) const {  ///< negative: no cable
    return loads_[static_cast<std::size_t>(row) * upper_.size() + static_cast<std::size_t>(column)];
  }
  /// Places in TopologyScene::switches.
  [[nodiscard]] int lower(int row) const { return lower_[static_cast<std::size_t>(row)]; }
  [[nodiscard]] int upper(int column) const { return upper_[static_cast<std::size_t>(column)]; }
  /// Of the cable between two places, if both are in here.
  void raise(int lower, int upper, float load);
  [[nodiscard]] double mean() const;  ///< of the cables
  [[nodiscard]] double most() const;

 private:
  std::vector<int> lower_, upper_;
  std::vector<int> row_of_, column_of_;  ///< by place; -1: none
  std::vector<float> loads_;
};

}  // namespace gui
