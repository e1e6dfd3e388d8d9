#pragma once
// Errors against size as a scatter plot in SVG, for pages that load nothing. Private to this room.
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scenarios {

/// Points (size, error = predicted / measured - 1) in named series.
class ResidualPlot {
 public:
  /// `x` above 0; errors beyond 60 % are drawn at the edge.
  void add(const std::string& series, double x, double error);

  /// A figure with caption, legend and a table of medians for those who do not see the plot; empty
  /// text for no points. Of more than 1500 points of a series every n-th is drawn. x is
  /// logarithmic.
  [[nodiscard]] std::string svg(const std::string& title, std::string_view x_name) const;

 private:
  std::map<std::string, std::vector<std::pair<double, double>>> series_;
};

}  // namespace scenarios
