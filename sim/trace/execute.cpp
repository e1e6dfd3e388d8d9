#include "sim/trace/execute.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>

#include "sim/trace/deadlock.hpp"
#include "topology/error.hpp"

namespace sim {

using units::Seconds;

namespace {

// A tag holds the kind of an event and a 62-bit operand: rank and node, call or message.
enum class Event : std::uint8_t { NodeDone, CallPart, MessageArrived };
constexpr unsigned kKindShift = 62;
constexpr unsigned kRankShift = 32;
constexpr std::uint64_t tag_of(Event e, std::uint64_t operand) {
  return static_cast<std::uint64_t>(e) << kKindShift | operand;
}

/// Ready nodes of one resource, the smallest key first.
class ReadyQueue {
 public:
  void push(std::uint32_t key) {
    keys_.push_back(key);
    std::push_heap(keys_.begin(), keys_.end(), std::greater<>());
  }
  std::uint32_t pop() {
    std::pop_heap(keys_.begin(), keys_.end(), std::greater<>());
    const std::uint32_t key = keys_.back();
    keys_.pop_back();
    return key;
  }
  [[nodiscard]] bool empty() const { return keys_.empty(); }

 private:
  std::vector<std::uint32_t> keys_;
};

struct Rank {
  ReadyQueue cpu, kernels, communications;
  bool cpu_busy = false, kernel_busy = false;
  std::vector<NodeIndex> running;  ///< sends and collectives that hold a slot
  std::uint32_t posted = 0;        ///< receives that wait for their message
  int arriving = 0;                ///< messages on their way to this rank
  std::uint32_t done = 0;
  Seconds since;  ///< what follows is accounted up to here
  RankTime time;
};

class Execution {
 public:
  Execution(const TraceSet& traces, const Matching& matching, TraceMachine& machine,
            Network& network, const TraceRunOptions& options)
      : traces_(traces),
        matching_(matching),
        machine_(machine),
        network_(network),
        options_(options),
        slots_(static_cast<std::size_t>(options.communications)),
        calls_(matching.calls.size()),
        messages_(matching.messages.size()),
        ranks_(static_cast<std::size_t>(traces.ranks())) {
    first_.reserve(ranks_.size() + 1);
    for (int r = 0; r < traces.ranks(); ++r) {
      first_.push_back(waiting_.size());
      const ExecutionTrace& trace = traces.of(r);
      for (NodeIndex i = 0; i < trace.size(); ++i) {
        waiting_.push_back(static_cast<std::uint32_t>(trace.dependencies(i).size()));
      }
    }
    first_.push_back(waiting_.size());
  }

  TraceRun run() {
    for (int r = 0; r < traces_.ranks(); ++r) {
      const ExecutionTrace& trace = traces_.of(r);
      for (NodeIndex i = 0; i < trace.size(); ++i) {
        if (trace.dependencies(i).empty()) {
          enqueue(r, i);
        }
      }
      advance(r);
    }
    network_.run([this](std::uint64_t tag) { handle(tag); });
    if (nodes_done_ != waiting_.size()) {
      report_deadlock();
    }
    return result();
  }

 private:
  struct CallState {
    std::uint32_t joined = 0, pending = 0;
  };
  struct MessageState {
    bool arrived = false, posted = false;
  };

  Rank& rank(int r) { return ranks_[static_cast<std::size_t>(r)]; }

  void handle(std::uint64_t tag) {
    const auto event = static_cast<Event>(tag >> kKindShift);
    const std::uint64_t operand = tag & ((std::uint64_t{1} << kKindShift) - 1);
    switch (event) {
      case Event::NodeDone:
        return node_done(static_cast<int>(operand >> kRankShift), static_cast<NodeIndex>(operand));
      case Event::CallPart:
        return call_part_done(static_cast<std::uint32_t>(operand));
      case Event::MessageArrived:
        return message_arrived(static_cast<std::uint32_t>(operand));
    }
  }

  // ---- one rank

  /// Puts a node whose dependencies are done where it waits for its resource.
  void enqueue(int r, NodeIndex i) {
    const TraceNode& n = traces_.of(r).node(i);
    switch (n.work) {
      case TraceWork::Metadata:
        finished_.push_back(i);
        return;
      case TraceWork::Receive:
        return post(r, i, matching_.of(r, n));
      case TraceWork::Send:
      case TraceWork::Collective:
        return rank(r).communications.push(n.sequence);
      case TraceWork::Memory:
      case TraceWork::Compute:
        return (n.on_cpu ? rank(r).cpu : rank(r).kernels).push(i);
    }
  }

  /// Ends what ended at once, then fills the slots that are free.
  void advance(int r) {
    const ExecutionTrace& trace = traces_.of(r);
    while (!finished_.empty()) {
      const NodeIndex i = finished_.back();
      finished_.pop_back();
      count_done(r);
      for (const NodeIndex next : trace.dependents(i)) {
        if (--waiting_[first_[static_cast<std::size_t>(r)] + next] == 0) {
          enqueue(r, next);
        }
      }
    }
    Rank& k = rank(r);
    if (!k.cpu_busy && !k.cpu.empty()) {
      account(k);
      k.cpu_busy = true;
      start_timed(r, k.cpu.pop());
    }
    if (!k.kernel_busy && !k.kernels.empty()) {
      account(k);
      k.kernel_busy = true;
      start_timed(r, k.kernels.pop());
    }
    while (k.running.size() < slots_ && !k.communications.empty()) {
      account(k);
      k.running.push_back(trace.communications()[k.communications.pop()]);
      communicate(r, k.running.back());
    }
  }

  void start_timed(int r, NodeIndex i) {
    network_.after(machine_.compute_time(r, traces_.of(r).node(i)),
                   tag_of(Event::NodeDone, static_cast<std::uint64_t>(r) << kRankShift | i));
  }

  void node_done(int r, NodeIndex i) {
    Rank& k = rank(r);
    account(k);
    (traces_.of(r).node(i).on_cpu ? k.cpu_busy : k.kernel_busy) = false;
    finished_.push_back(i);
    advance(r);
  }

  void communication_done(int r, NodeIndex i) {
    Rank& k = rank(r);
    account(k);
    k.running.erase(std::find(k.running.begin(), k.running.end(), i));
    finished_.push_back(i);
    advance(r);
  }

  void count_done(int r) {
    constexpr std::uint64_t kEvery = 1U << 16U;
    Rank& k = rank(r);
    ++k.done;
    k.time.finish = network_.now();
    if (++nodes_done_ % kEvery == 0 && options_.progress) {
      options_.progress(static_cast<double>(nodes_done_) / static_cast<double>(waiting_.size()));
    }
  }

  /// Books the time since the last change of this rank under what it was doing.
  void account(Rank& k) {
    const Seconds now = network_.now();
    const Seconds passed = now - k.since;
    k.since = now;
    const bool communicates = !k.running.empty() || k.arriving > 0;
    k.time.communication += communicates ? passed : Seconds{};
    (k.kernel_busy  ? k.time.compute
     : communicates ? k.time.exposed
     : k.cpu_busy   ? k.time.cpu
                    : k.time.idle) += passed;
  }

  // ---- between ranks

  void communicate(int r, NodeIndex i) {
    const TraceNode& n = traces_.of(r).node(i);
    const std::uint32_t index = matching_.of(r, n);
    if (n.work == TraceWork::Collective) {
      return join(index);
    }
    const Message& m = matching_.messages[index];
    account(rank(m.destination));
    ++rank(m.destination).arriving;
    machine_.send(m, tag_of(Event::MessageArrived, index));
  }

  void join(std::uint32_t index) {
    const CollectiveCall& call = matching_.calls[index];
    const TraceCommunicator& group = matching_.communicators[call.communicator];
    CallState& state = calls_[index];
    if (++state.joined == group.members.size()) {
      state.pending = machine_.start(call, group, tag_of(Event::CallPart, index));
    }
  }

  void call_part_done(std::uint32_t index) {
    if (--calls_[index].pending > 0) {
      return;
    }
    const CollectiveCall& call = matching_.calls[index];
    for (const int r : matching_.communicators[call.communicator].members) {
      communication_done(r, node_of_call(r, index));
    }
  }

  /// The node with which rank r takes part in a call: one of those that hold its slots.
  NodeIndex node_of_call(int r, std::uint32_t index) {
    for (const NodeIndex i : rank(r).running) {
      const TraceNode& n = traces_.of(r).node(i);
      if (n.work == TraceWork::Collective && matching_.of(r, n) == index) {
        return i;
      }
    }
    throw std::logic_error("traces: a collective ended that a member had not begun");
  }

  void post(int r, NodeIndex i, std::uint32_t index) {
    MessageState& m = messages_[index];
    m.posted = true;
    if (m.arrived) {
      finished_.push_back(i);
    } else {
      rank(r).posted += 1;
    }
  }

  void message_arrived(std::uint32_t index) {
    const Message& m = matching_.messages[index];
    messages_[index].arrived = true;
    Rank& destination = rank(m.destination);
    account(destination);
    --destination.arriving;
    if (messages_[index].posted) {
      --destination.posted;
      finished_.push_back(m.receive);
      advance(m.destination);
    }
    communication_done(m.source, m.send);
  }

  // ---- the end

  TraceRun result() {
    TraceRun run{
        .total = network_.now(), .ranks = {}, .nodes = nodes_done_, .events = network_.events()};
    run.ranks.reserve(ranks_.size());
    for (Rank& k : ranks_) {
      account(k);
      run.ranks.push_back(k.time);
    }
    return run;
  }

  [[noreturn]] void report_deadlock() {
    std::vector<StuckRank> stuck(ranks_.size());
    for (int r = 0; r < traces_.ranks(); ++r) {
      StuckRank& s = stuck[static_cast<std::size_t>(r)];
      s.finished = rank(r).done == traces_.of(r).size();
      s.running = rank(r).running;
      if (rank(r).posted > 0) {
        s.receives = unanswered(r);
      }
    }
    refuse_deadlock(traces_, matching_, stuck, options_.communications);
  }

  /// Receives of a rank that are posted and got nothing.
  std::vector<NodeIndex> unanswered(int r) const {
    std::vector<NodeIndex> nodes;
    for (const NodeIndex i : traces_.of(r).communications()) {
      const TraceNode& n = traces_.of(r).node(i);
      if (n.work == TraceWork::Receive) {
        const MessageState& m = messages_[matching_.of(r, n)];
        if (m.posted && !m.arrived) {
          nodes.push_back(i);
        }
      }
    }
    return nodes;
  }

  const TraceSet& traces_;
  const Matching& matching_;
  TraceMachine& machine_;
  Network& network_;
  const TraceRunOptions& options_;
  const std::size_t slots_;
  std::vector<CallState> calls_;
  std::vector<MessageState> messages_;
  std::vector<Rank> ranks_;
  std::vector<std::uint64_t> first_;    // [rank] of its nodes in waiting_
  std::vector<std::uint32_t> waiting_;  // dependencies that are not done
  std::vector<NodeIndex> finished_;     // of the rank that advances
  std::uint64_t nodes_done_ = 0;
};

}  // namespace

TraceRun run_traces(const TraceSet& traces, const Matching& matching, TraceMachine& machine,
                    Network& network, const TraceRunOptions& options) {
  topology::expects(options.communications >= 1, "traces: a rank needs a communication slot");
  return Execution(traces, matching, machine, network, options).run();
}

}  // namespace sim
