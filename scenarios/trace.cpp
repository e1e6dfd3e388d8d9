#include "scenarios/trace.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/atomic_file.hpp"

namespace scenarios {

using nlohmann::ordered_json;

namespace {

std::string span_name(const sim::Span& span) {
  switch (span.kind) {
    case sim::SpanKind::Forward:
      return fmt::format("F{}.{}", span.micro_batch, span.virtual_stage);
    case sim::SpanKind::Backward:
      return fmt::format("B{}.{}", span.micro_batch, span.virtual_stage);
    case sim::SpanKind::Collective:
    case sim::SpanKind::Send:
      return std::string(sim::name(span.part));
    case sim::SpanKind::Optimizer:
      return "optimizer";
  }
  return "?";
}

ordered_json metadata(std::string_view what, int process, int thread, std::string text) {
  return {{"ph", "M"},
          {"name", what},
          {"pid", process},
          {"tid", thread},
          {"args", {{"name", std::move(text)}}}};
}

}  // namespace

void write_trace(const sim::Timeline& timeline, const std::string& title,
                 const std::filesystem::path& file) {
  ordered_json events = ordered_json::array();
  int stages = 0;
  for (const sim::Span& span : timeline.spans) {
    stages = std::max(stages, span.stage + 1);
    const units::Seconds us = units::microseconds(1);
    ordered_json event{{"ph", "X"},
                       {"name", span_name(span)},
                       {"cat", span.stream == sim::Stream::Compute ? "compute" : "network"},
                       {"ts", span.begin.in(us)},
                       {"dur", (span.end - span.begin).in(us)},
                       {"pid", span.stage},
                       {"tid", static_cast<int>(span.stream)}};
    if (span.micro_batch >= 0) {
      event["args"] = {{"micro_batch", span.micro_batch}, {"virtual_stage", span.virtual_stage}};
    }
    events.push_back(std::move(event));
  }
  for (int stage = 0; stage < stages; ++stage) {
    events.push_back(metadata("process_name", stage, 0, fmt::format("stage {}", stage)));
    events.push_back(metadata("thread_name", stage, 0, "compute"));
    events.push_back(metadata("thread_name", stage, 1, "network"));
  }
  const ordered_json document{{"displayTimeUnit", "ms"},
                              {"otherData", {{"scenario", title}}},
                              {"traceEvents", std::move(events)}};
  write_file(file, document.dump() + "\n");
}

}  // namespace scenarios
