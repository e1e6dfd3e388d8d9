#include "sim/trace/deadlock.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "topology/error.hpp"

namespace sim {

namespace {

struct Wait {
  std::string text;
  int for_rank = 0;
};

class Explanation {
 public:
  Explanation(const TraceSet& traces, const Matching& matching, const std::vector<StuckRank>& ranks)
      : traces_(traces), matching_(matching), ranks_(ranks) {}

  /// Follows who waits for whom from the first stuck rank on, until it comes round.
  [[nodiscard]] std::string chain() const {
    constexpr int kShown = 6;
    std::vector<bool> seen(ranks_.size(), false);
    std::string text;
    auto rank = static_cast<std::size_t>(
        std::find_if(ranks_.begin(), ranks_.end(), [](const StuckRank& s) { return !s.finished; }) -
        ranks_.begin());
    for (int shown = 0; shown < kShown && !seen[rank]; ++shown) {
      seen[rank] = true;
      const std::optional<Wait> wait = wait_of(static_cast<int>(rank));
      if (!wait) {
        break;
      }
      text += (text.empty() ? "" : "; ") + wait->text;
      rank = static_cast<std::size_t>(wait->for_rank);
    }
    return text;
  }

  [[nodiscard]] std::size_t count() const {
    return static_cast<std::size_t>(std::count_if(ranks_.begin(), ranks_.end(),
                                                  [](const StuckRank& s) { return !s.finished; }));
  }

 private:
  [[nodiscard]] bool joined(int rank, std::uint32_t call) const {
    const auto& running = ranks_[static_cast<std::size_t>(rank)].running;
    return std::any_of(running.begin(), running.end(), [&](NodeIndex i) {
      const TraceNode& n = traces_.of(rank).node(i);
      return n.work == TraceWork::Collective && matching_.of(rank, n) == call;
    });
  }

  [[nodiscard]] std::optional<Wait> wait_of(int rank) const {
    const StuckRank& s = ranks_[static_cast<std::size_t>(rank)];
    for (const NodeIndex i : s.running) {
      const std::uint32_t index = matching_.of(rank, traces_.of(rank).node(i));
      const CollectiveCall& call = matching_.calls[index];
      const TraceCommunicator& group = matching_.communicators[call.communicator];
      const auto absent = std::find_if(group.members.begin(), group.members.end(),
                                       [&](int r) { return !joined(r, index); });
      if (absent != group.members.end()) {
        return Wait{fmt::format("{} ({} of {}) waits for rank {}", traces_.label(rank, i),
                                name(call.op), describe(group), *absent),
                    *absent};
      }
    }
    for (const NodeIndex i : s.receives) {
      const Message& m = matching_.messages[matching_.of(rank, traces_.of(rank).node(i))];
      return Wait{fmt::format("{} waits for {}, which was not sent", traces_.label(rank, i),
                              traces_.label(m.source, m.send)),
                  m.source};
    }
    return std::nullopt;
  }

  const TraceSet& traces_;
  const Matching& matching_;
  const std::vector<StuckRank>& ranks_;
};

}  // namespace

void refuse_deadlock(const TraceSet& traces, const Matching& matching,
                     const std::vector<StuckRank>& ranks, int communications) {
  const Explanation why(traces, matching, ranks);
  throw topology::InputError(
      {}, "deadlock",
      fmt::format(
          "{} of {} ranks wait for each other for ever: {}; repair the order of these nodes, "
          "or let a rank run more than {} communication{} at a time "
          "(--communications)",
          why.count(), ranks.size(), why.chain(), communications, communications == 1 ? "" : "s"));
}

}  // namespace sim
