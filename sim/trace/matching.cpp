#include "sim/trace/matching.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <unordered_map>

#include <fmt/format.h>

#include "topology/error.hpp"
#include "topology/routing.hpp"

namespace sim {

using topology::InputError;

namespace {

std::string size_text(units::Bytes size) {
  return fmt::format("{:.0f} bytes", size.base());
}

/// Finds the members of the groups that traces use; the same list under the same name is one.
class Communicators {
 public:
  Communicators(const TraceSet& traces, const GroupFile& file, std::vector<TraceCommunicator>& all)
      : traces_(traces), file_(file), all_(all) {
    TraceCommunicator world;
    world.members.resize(static_cast<std::size_t>(traces.ranks()));
    std::iota(world.members.begin(), world.members.end(), 0);
    all_.push_back(std::move(world));
    known_of_trace_.resize(traces.traces.size());
  }

  std::uint32_t find(int rank, NodeIndex node, std::uint32_t group) {
    const std::uint32_t trace = traces_.trace_of_rank[static_cast<std::size_t>(rank)];
    auto& known = known_of_trace_[trace];
    known.resize(traces_.traces[trace].groups().size(), kNone);
    if (known[group] == kNone) {
      known[group] = intern(rank, node, traces_.traces[trace].groups()[group]);
    }
    return known[group];
  }

  [[nodiscard]] bool has(std::uint32_t communicator, int rank) const {
    return communicator == 0 ||
           std::binary_search(sorted_[communicator].begin(), sorted_[communicator].end(), rank);
  }

 private:
  std::uint32_t intern(int rank, NodeIndex node, const TraceGroup& group) {
    const auto side = file_.find(group.name);
    const bool world = group.name.empty() || group.name == "0";
    const std::vector<int>* members = nullptr;
    if (side != file_.end()) {
      members = &side->second;
    } else if (group.given && !group.members.empty()) {
      members = &group.members;
    } else if (world || group.given) {
      return 0;
    } else {
      refuse(rank, node,
             fmt::format("uses process group \"{}\", whose ranks are nowhere listed; give a file "
                         "{{\"{}\": [ranks]}} with --groups",
                         printable(group.name), printable(group.name)));
    }
    const auto [it, fresh] = ids_.try_emplace({world ? std::string() : group.name, *members},
                                              static_cast<std::uint32_t>(all_.size()));
    if (fresh) {
      if (world && *members == all_.front().members) {
        it->second = 0;
        return 0;
      }
      sorted_.resize(all_.size());
      sorted_.push_back(check(rank, node, group.name, *members));
      all_.push_back({.name = group.name, .members = *members});
    }
    return it->second;
  }

  /// The members, sorted.
  std::vector<int> check(int rank, NodeIndex node, const std::string& name,
                         const std::vector<int>& members) const {
    std::vector<int> sorted = members;
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) {
      refuse(rank, node,
             fmt::format("uses process group \"{}\", which lists rank {} twice", printable(name),
                         *twice));
    }
    if (sorted.back() >= traces_.ranks()) {
      refuse(rank, node,
             fmt::format("uses process group \"{}\" with rank {}, which has no trace file (there "
                         "are ranks 0 to {})",
                         printable(name), sorted.back(), traces_.ranks() - 1));
    }
    return sorted;
  }

  [[noreturn]] void refuse(int rank, NodeIndex node, std::string_view message) const {
    throw InputError({}, traces_.label(rank, node), message);
  }

  const TraceSet& traces_;
  const GroupFile& file_;
  std::vector<TraceCommunicator>& all_;
  std::vector<std::vector<std::uint32_t>> known_of_trace_;
  std::map<std::pair<std::string, std::vector<int>>, std::uint32_t> ids_;
  std::vector<std::vector<int>> sorted_;  // members by communicator
};

struct ChannelKey {
  int source, destination;
  std::int64_t tag;
  bool operator==(const ChannelKey&) const = default;
};
struct ChannelHash {
  std::size_t operator()(const ChannelKey& k) const {
    const auto pair = static_cast<std::uint64_t>(static_cast<std::uint32_t>(k.source)) << 32U |
                      static_cast<std::uint32_t>(k.destination);
    return topology::mix64(pair ^ topology::mix64(static_cast<std::uint64_t>(k.tag)));
  }
};

class Matcher {
 public:
  Matcher(const TraceSet& traces, const GroupFile& groups)
      : traces_(traces), communicators_(traces, groups, result_.communicators) {}

  Matching run() {
    for (int rank = 0; rank < traces_.ranks(); ++rank) {
      add(rank);
    }
    check_calls();
    check_messages();
    return std::move(result_);
  }

 private:
  void add(int rank) {
    const ExecutionTrace& trace = traces_.of(rank);
    result_.partner_begin.push_back(result_.partner.size());
    reached_.clear();
    for (const NodeIndex node : trace.communications()) {
      const TraceNode& n = trace.node(node);
      result_.partner.push_back(n.work == TraceWork::Collective ? call(rank, node, n)
                                                                : message(rank, node, n));
    }
  }

  // ---- collectives

  std::uint32_t call(int rank, NodeIndex node, const TraceNode& n) {
    const std::uint32_t group = communicators_.find(rank, node, n.group);
    calls_.resize(result_.communicators.size());
    const std::uint32_t k = reached_[group]++;
    if (k == 0) {
      check_membership(rank, node, group);
    }
    std::vector<std::uint32_t>& calls = calls_[group];
    if (k < calls.size()) {
      compare(rank, node, n, result_.calls[calls[k]]);
      ++joined_[calls[k]];
      return calls[k];
    }
    calls.push_back(static_cast<std::uint32_t>(result_.calls.size()));
    joined_.push_back(1);
    result_.calls.push_back(
        {.communicator = group, .op = n.op, .size = n.size, .rank = rank, .node = node});
    return calls.back();
  }

  void check_membership(int rank, NodeIndex node, std::uint32_t group) const {
    if (!communicators_.has(group, rank)) {
      throw InputError({}, traces_.label(rank, node),
                       fmt::format("is a collective of {}, which rank {} does not belong to",
                                   describe(result_.communicators[group]), rank));
    }
  }

  void compare(int rank, NodeIndex node, const TraceNode& n, CollectiveCall& call) {
    const auto refuse = [&](const std::string& here, const std::string& there) {
      throw InputError(
          {}, traces_.label(rank, node),
          fmt::format("is {} where {}, the same collective of {}, is {}; all members of a group "
                      "must call the same collectives in the same order",
                      here, traces_.label(call.rank, call.node),
                      describe(result_.communicators[call.communicator]), there));
    };
    if (n.op != call.op) {
      refuse(std::string(name(n.op)), std::string(name(call.op)));
    }
    if (n.size == call.size) {
      return;
    }
    if (n.op != TraceCollective::AllToAll) {
      refuse(fmt::format("{} of {}", name(n.op), size_text(n.size)),
             fmt::format("of {}", size_text(call.size)));
    }
    call.size = std::max(call.size, n.size);
    warn_once("all-to-all calls are uneven between ranks; each takes as long as its largest");
  }

  void check_calls() const {
    for (std::uint32_t i = 0; i < result_.calls.size(); ++i) {
      const CollectiveCall& c = result_.calls[i];
      const TraceCommunicator& group = result_.communicators[c.communicator];
      if (joined_[i] != group.members.size()) {
        refuse_unreached(i, group);
      }
    }
  }

  [[noreturn]] void refuse_unreached(std::uint32_t call, const TraceCommunicator& group) const {
    const CollectiveCall& c = result_.calls[call];
    const auto reaches = [&](int rank) {
      const auto begin = result_.partner_begin[static_cast<std::size_t>(rank)];
      const auto communications = traces_.of(rank).communications();
      for (std::size_t k = 0; k < communications.size(); ++k) {
        if (traces_.of(rank).node(communications[k]).work == TraceWork::Collective &&
            result_.partner[begin + k] == call) {
          return true;
        }
      }
      return false;
    };
    const auto missing = std::find_if_not(group.members.begin(), group.members.end(), reaches);
    throw InputError({}, traces_.label(c.rank, c.node),
                     fmt::format("is a collective of {} ({} {}) that rank {} never reaches; all "
                                 "members of the group must call it",
                                 describe(group), name(c.op), size_text(c.size), *missing));
  }

  // ---- sends and receives

  struct Channel {
    std::vector<std::uint32_t> messages;
    std::uint32_t sent = 0, received = 0;
  };

  std::uint32_t message(int rank, NodeIndex node, const TraceNode& n) {
    const bool sends = n.work == TraceWork::Send;
    if (n.peer < 0 || n.peer >= traces_.ranks()) {
      throw InputError(
          {}, traces_.label(rank, node),
          fmt::format("{} rank {}, which has no trace file (there are ranks 0 to {})",
                      sends ? "sends to" : "receives from", n.peer, traces_.ranks() - 1));
    }
    Channel& channel = sends ? channels_[{rank, n.peer, n.tag}] : channels_[{n.peer, rank, n.tag}];
    const std::uint32_t k = sends ? channel.sent++ : channel.received++;
    if (k == channel.messages.size()) {
      channel.messages.push_back(static_cast<std::uint32_t>(result_.messages.size()));
      result_.messages.push_back({.source = sends ? rank : n.peer,
                                  .destination = sends ? n.peer : rank,
                                  .tag = n.tag,
                                  .size = n.size});
    }
    Message& m = result_.messages[channel.messages[k]];
    (sends ? m.send : m.receive) = node;
    if (m.send != kNone && m.receive != kNone) {
      join(m);
    }
    return channel.messages[k];
  }

  /// A receive may leave its size out.
  void join(Message& m) const {
    const units::Bytes sent = traces_.of(m.source).node(m.send).size;
    const units::Bytes expected = traces_.of(m.destination).node(m.receive).size;
    if (expected > units::Bytes{} && expected != sent) {
      throw InputError({}, traces_.label(m.destination, m.receive),
                       fmt::format("expects {}, but {} sends {}", size_text(expected),
                                   traces_.label(m.source, m.send), size_text(sent)));
    }
    m.size = sent;
  }

  void check_messages() const {
    for (const Message& m : result_.messages) {
      if (m.receive == kNone) {
        throw InputError({}, traces_.label(m.source, m.send),
                         fmt::format("sends to rank {} with tag {}, but rank {} has no receive "
                                     "for it",
                                     m.destination, m.tag, m.destination));
      }
      if (m.send == kNone) {
        throw InputError({}, traces_.label(m.destination, m.receive),
                         fmt::format("receives from rank {} with tag {}, but rank {} has no send "
                                     "for it",
                                     m.source, m.tag, m.source));
      }
    }
  }

  void warn_once(const char* text) {
    if (std::find(result_.warnings.begin(), result_.warnings.end(), text) ==
        result_.warnings.end()) {
      result_.warnings.emplace_back(text);
    }
  }

  const TraceSet& traces_;
  Matching result_;
  Communicators communicators_;
  std::vector<std::vector<std::uint32_t>> calls_;             // [communicator], in order
  std::vector<std::uint32_t> joined_;                         // [call]
  std::unordered_map<std::uint32_t, std::uint32_t> reached_;  // of the current rank, by group
  std::unordered_map<ChannelKey, Channel, ChannelHash> channels_;
};

}  // namespace

std::string describe(const TraceCommunicator& group) {
  return group.name.empty() || group.name == "0"
             ? fmt::format("all {} ranks", group.members.size())
             : fmt::format("process group \"{}\"", printable(group.name));
}

Matching match(const TraceSet& traces, const GroupFile& groups) {
  return Matcher(traces, groups).run();
}

}  // namespace sim
