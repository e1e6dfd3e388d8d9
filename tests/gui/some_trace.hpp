#pragma once
// A trace of any size, for tests and benchmarks.
#include <memory>
#include <random>

#include "gui/views/trace.hpp"

inline std::shared_ptr<const gui::Trace> some_trace(int rows, int spans_per_row) {
  auto trace = std::make_shared<gui::Trace>();
  trace->names = {"F0.0", "B0.0", "tp_comm"};
  std::mt19937 random(1);
  std::uniform_int_distribution<int> length(1000, 80000);  // ns
  for (int r = 0; r < rows; ++r) {
    gui::TraceRow row;
    row.label = QString("Stage %1").arg(r);
    std::int64_t time = 0;
    for (int i = 0; i < spans_per_row; ++i) {
      const std::int64_t end = time + length(random);
      const int kind = i % 3;
      row.spans.push_back({time, end,
                           kind == 0   ? gui::Work::Forward
                           : kind == 1 ? gui::Work::Backward
                                       : gui::Work::Tensor,
                           kind});
      time = end + length(random) / 8;
    }
    trace->rows.push_back(std::move(row));
  }
  trace->summarise();
  return trace;
}
