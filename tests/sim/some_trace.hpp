#pragma once
// Small traces for tests.
#include <initializer_list>
#include <sstream>
#include <string>
#include <vector>

#include "sim/trace/chakra.hpp"
#include "sim/trace/process_groups.hpp"
#include "sim/trace/trace_set.hpp"
#include "topology/error.hpp"

namespace sim::test {

/// Writes a trace node by node: `t.compute(0, 10).all_reduce(1, 1e6, {0})`.
class SomeTrace {
 public:
  using Ids = std::initializer_list<std::uint64_t>;
  explicit SomeTrace(std::string origin = "test") : builder_(std::move(origin)) {}

  SomeTrace& compute(std::uint64_t id, double us, Ids after = {}) {
    return add({.id = id, .work = TraceWork::Compute, .duration = units::microseconds(us)}, "mm",
               after);
  }
  SomeTrace& cpu(std::uint64_t id, double us, Ids after = {}) {
    return add(
        {.id = id, .work = TraceWork::Compute, .on_cpu = true, .duration = units::microseconds(us)},
        "launch", after);
  }
  SomeTrace& collective(std::uint64_t id, TraceCollective op, double size, Ids after = {},
                        const std::string& group = "") {
    return add({.id = id,
                .work = TraceWork::Collective,
                .op = op,
                .group = builder_.group(group),
                .size = units::bytes(size)},
               "nccl", after);
  }
  SomeTrace& all_reduce(std::uint64_t id, double size, Ids after = {},
                        const std::string& group = "") {
    return collective(id, TraceCollective::AllReduce, size, after, group);
  }
  SomeTrace& send(std::uint64_t id, int to, double size, Ids after = {}, std::int64_t tag = 0) {
    return add(
        {.id = id, .work = TraceWork::Send, .peer = to, .tag = tag, .size = units::bytes(size)},
        "isend", after);
  }
  SomeTrace& receive(std::uint64_t id, int from, double size, Ids after = {},
                     std::int64_t tag = 0) {
    return add({.id = id,
                .work = TraceWork::Receive,
                .peer = from,
                .tag = tag,
                .size = units::bytes(size)},
               "irecv", after);
  }
  SomeTrace& metadata(std::uint64_t id) {
    return add({.id = id, .work = TraceWork::Metadata}, "", {});
  }
  SomeTrace& group(const std::string& name, std::vector<int> members) {
    builder_.define_group(name, std::move(members));
    return *this;
  }
  ExecutionTrace finish() { return builder_.finish(); }

 private:
  SomeTrace& add(const TraceNode& node, const std::string& name, Ids after) {
    builder_.add(node, name, std::vector<std::uint64_t>(after));
    return *this;
  }
  TraceBuilder builder_;
};

inline std::string bytes_of(const ExecutionTrace& trace) {
  std::ostringstream out;
  write_chakra(trace, out);
  return out.str();
}

inline ExecutionTrace trace_of(const std::string& bytes) {
  std::istringstream in(bytes);
  return read_chakra(in, "trace.0.et (rank 0)");
}

/// One trace per rank.
inline TraceSet traces_of(std::vector<ExecutionTrace> traces) {
  TraceSet set;
  for (ExecutionTrace& t : traces) {
    set.trace_of_rank.push_back(static_cast<std::uint32_t>(set.traces.size()));
    set.traces.push_back(std::move(t));
  }
  return set;
}

/// The same trace on every rank.
inline TraceSet shared_trace(ExecutionTrace trace, int ranks) {
  TraceSet set;
  set.traces.push_back(std::move(trace));
  set.trace_of_rank.assign(static_cast<std::size_t>(ranks), 0);
  return set;
}

/// What `f` throws as an InputError; empty if it throws nothing.
template <class F>
std::string refusal(const F& f) {
  try {
    f();
  } catch (const topology::InputError& e) {
    return e.what();
  }
  return {};
}

}  // namespace sim::test
