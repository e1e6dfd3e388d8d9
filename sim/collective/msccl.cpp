#include "sim/collective/msccl.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "topology/error.hpp"
#include "topology/routing.hpp"

namespace sim {

namespace {

using topology::InputError;

/// What lies in a chunk: the sum, modulo 2^64, of a random number for every (rank, chunk) of the
/// input that went into it. Two different contents have equal sums with a probability of 2^-64.
using Symbol = std::uint64_t;
Symbol input_symbol(std::size_t gpu, std::size_t chunk) {
  return topology::mix64(topology::mix64(gpu + 1) + chunk);
}

/// A message under way: its content, and the transfer that it will be when it is received.
struct Message {
  std::vector<Symbol> content;
  std::vector<TransferId> after;
};

/// Sender, receiver, channel.
using Connection = std::tuple<std::size_t, std::size_t, std::uint16_t>;

struct Progress {
  std::size_t next = 0;              ///< step to run
  std::vector<std::size_t> waiting;  ///< thread blocks of the same GPU that wait for a step of it
  std::vector<std::vector<TransferId>> done;  ///< what each step's completion waits for
};

/// The run of a program: each thread block goes on until it has to wait.
class Machine {
 public:
  Machine(const MscclProgram& program, units::Bytes size)
      : program_(program), schedule_(static_cast<std::uint32_t>(program.gpus.size()), 1) {
    lay_out();
    chunk_ = size / static_cast<double>(std::max<std::uint32_t>(1, most_chunks()));
    for (const MscclGpu& gpu : program.gpus) {
      progress_.emplace_back(gpu.blocks.size());
      position_.emplace_back();
      for (std::size_t b = 0; b < gpu.blocks.size(); ++b) {
        position_.back()[gpu.blocks[b].id] = b;
      }
    }
  }

  CollectiveSchedule run() {
    for (std::size_t g = 0; g < program_.gpus.size(); ++g) {
      for (std::size_t b = 0; b < program_.gpus[g].blocks.size(); ++b) {
        ready_.emplace_back(g, b);
      }
    }
    while (!ready_.empty()) {
      const auto [g, b] = ready_.front();
      ready_.pop_front();
      while (try_step(g, b)) {
      }
    }
    check_end();
    check_result();
    return std::move(schedule_);
  }

 private:
  /// Chunks of the largest buffer of the collective: what `size` is divided into.
  [[nodiscard]] std::uint32_t most_chunks() const {
    return std::max(widest(MscclBuffer::Input), widest(MscclBuffer::Output));
  }
  [[nodiscard]] std::uint32_t widest(MscclBuffer buffer) const {
    std::uint32_t most = 0;
    for (const MscclGpu& gpu : program_.gpus) {
      most = std::max(most, gpu.chunks[static_cast<std::size_t>(buffer)]);
    }
    return most;
  }

  /// Input, output and scratch of every GPU; in place the smaller of the first two is a part of the
  /// larger.
  void lay_out() {
    std::uint64_t total = 0;
    for (std::size_t g = 0; g < program_.gpus.size(); ++g) {
      const auto& [in, out, scratch] = program_.gpus[g].chunks;
      std::array<std::uint32_t, kMscclBuffers> begin{0, in, in + out};
      if (program_.in_place) {
        const std::uint32_t shared = std::max(in, out);
        const bool mine =
            program_.op == Collective::AllGather || program_.op == Collective::ReduceScatter;
        const auto part = static_cast<std::uint32_t>(mine ? g * std::min(in, out) : 0);
        begin = {in < out ? part : 0, out < in ? part : 0, shared};
        if (in != out && part + std::min(in, out) > shared) {
          fail(g, "in place, its part of the buffer lies outside of it");
        }
      }
      const std::uint64_t end = std::uint64_t{in} + out + scratch;
      total += end;
      constexpr std::uint64_t kMost = 1U << 24U;
      if (total > kMost) {
        fail(g, fmt::format("the GPUs hold more than {} chunks", kMost));
      }
      begin_.push_back(begin);
      memory_.emplace_back(end, Symbol{0});
      for (std::uint32_t c = 0; c < in; ++c) {
        const bool holds = program_.op != Collective::Broadcast || g == 0;
        memory_.back()[begin[0] + c] = holds ? input_symbol(g, c) : 0;
      }
    }
  }

  [[noreturn]] void fail(std::size_t gpu, const std::string& message) const {
    throw InputError({program_.file}, {}, fmt::format("GPU {}: {}", gpu, message));
  }
  [[noreturn]] void fail(std::size_t g, std::size_t b, const std::string& message) const {
    const MscclBlock& block = program_.gpus[g].blocks[b];
    const std::size_t step = std::min(progress_[g][b].next, block.steps.size() - 1);
    throw InputError(
        {program_.file, block.steps[step].line}, {},
        fmt::format("GPU {}, thread block {}, step {}: {}", g, block.id, step, message));
  }

  Symbol* at(std::size_t gpu, MscclBuffer buffer, std::uint32_t offset) {
    return memory_[gpu].data() + begin_[gpu][static_cast<std::size_t>(buffer)] + offset;
  }

  /// The thread block that a step waits for, by position; nothing if it waits for none.
  std::optional<std::size_t> awaited(std::size_t g, std::size_t b, const MscclStep& step) const {
    if (step.after_block < 0 || step.after_step < 0) {
      return std::nullopt;
    }
    const auto other = position_[g].find(step.after_block);
    if (other != position_[g].end() && static_cast<std::size_t>(step.after_step) <
                                           program_.gpus[g].blocks[other->second].steps.size()) {
      return other->second;
    }
    fail(g, b,
         fmt::format("depends on step {} of thread block {}, which is not there", step.after_step,
                     step.after_block));
  }

  bool try_step(std::size_t g, std::size_t b) {
    const MscclBlock& block = program_.gpus[g].blocks[b];
    Progress& progress = progress_[g][b];
    if (progress.next == block.steps.size()) {
      return false;
    }
    const MscclStep& step = block.steps[progress.next];
    std::vector<TransferId> after;
    if (const auto other = awaited(g, b, step)) {
      const auto wanted = static_cast<std::size_t>(step.after_step);
      if (progress_[g][*other].next <= wanted) {
        progress_[g][*other].waiting.push_back(b);
        return false;
      }
      after = progress_[g][*other].done[wanted];
    }
    if (progress.next > 0) {
      const auto& before = progress.done[progress.next - 1];
      after.insert(after.end(), before.begin(), before.end());
    }
    std::vector<Symbol> value(step.count, 0);
    if (step.receives && !receive(g, b, step, value, after)) {
      return false;
    }
    prune(after);
    bound_work(g, b, step.count + after.size());
    compute(g, step, value);
    if (step.sends) {
      const Connection to{g, static_cast<std::size_t>(block.send), block.channel};
      under_way_[to].push_back({value, after});
      if (const auto receiver = receiving_.find(to); receiver != receiving_.end()) {
        ready_.emplace_back(std::get<1>(to), receiver->second);
        receiving_.erase(receiver);
      }
    }
    for (const std::size_t other : progress.waiting) {
      ready_.emplace_back(g, other);
    }
    progress.waiting.clear();
    progress.done.push_back(std::move(after));
    ++progress.next;
    return true;
  }

  bool receive(std::size_t g, std::size_t b, const MscclStep& step, std::vector<Symbol>& value,
               std::vector<TransferId>& after) {
    const MscclBlock& block = program_.gpus[g].blocks[b];
    const Connection from{static_cast<std::size_t>(block.receive), g, block.channel};
    auto& queue = under_way_[from];
    if (queue.empty()) {
      const auto [other, is_new] = receiving_.try_emplace(from, b);
      if (!is_new && other->second != b) {
        fail(g, b,
             fmt::format("two thread blocks receive from GPU {} on channel {}", block.receive,
                         block.channel));
      }
      return false;
    }
    Message message = std::move(queue.front());
    queue.pop_front();
    if (message.content.size() != step.count) {
      fail(g, b,
           fmt::format("receives {} chunks, but GPU {} sends {}", step.count, block.receive,
                       message.content.size()));
    }
    value = std::move(message.content);
    after.push_back(schedule_.add({.from = static_cast<std::uint32_t>(block.receive),
                                   .to = static_cast<std::uint32_t>(g),
                                   .channel = block.channel,
                                   .size = chunk_ * static_cast<double>(step.count)},
                                  message.after));
    return true;
  }

  void compute(std::size_t g, const MscclStep& step, std::vector<Symbol>& value) {
    for (std::uint32_t i = 0; i < step.count; ++i) {
      if (!step.receives && step.reduces) {  // re: the destination is the other operand
        value[i] = *at(g, step.source, step.source_offset + i) +
                   *at(g, step.target, step.target_offset + i);
      } else if (step.reduces) {
        value[i] += *at(g, step.source, step.source_offset + i);
      } else if (!step.receives && (step.sends || step.writes)) {
        value[i] = *at(g, step.source, step.source_offset + i);
      }
      if (step.writes) {
        *at(g, step.target, step.target_offset + i) = value[i];
      }
    }
  }

  /// Input from outside must not take all memory.
  void bound_work(std::size_t g, std::size_t b, std::size_t more) {
    constexpr std::size_t kMost = 50'000'000;
    work_ += more;
    if (work_ > kMost) {
      fail(g, b, "the schedule moves too many chunks to be checked");
    }
  }

  /// Of the transfers over one connection the last one says it all: they arrive in order.
  void prune(std::vector<TransferId>& after) const {
    std::map<Connection, TransferId> last;
    for (const TransferId id : after) {
      const Transfer& t = schedule_[id];
      TransferId& known = last[{t.from, t.to, t.channel}];
      known = std::max(known, id);
    }
    after.clear();
    for (const auto& [connection, id] : last) {
      after.push_back(id);
    }
  }

  void check_end() const {
    for (std::size_t g = 0; g < program_.gpus.size(); ++g) {
      for (std::size_t b = 0; b < program_.gpus[g].blocks.size(); ++b) {
        const MscclBlock& block = program_.gpus[g].blocks[b];
        if (progress_[g][b].next < block.steps.size()) {
          const MscclStep& step = block.steps[progress_[g][b].next];
          const auto other = awaited(g, b, step);
          const bool blocked =
              other && progress_[g][*other].next <= static_cast<std::size_t>(step.after_step);
          fail(g, b,
               blocked ? fmt::format("waits for ever for step {} of thread block {}",
                                     step.after_step, step.after_block)
                       : fmt::format("waits for ever for what GPU {} should send on channel {}",
                                     block.receive, block.channel));
        }
      }
    }
    for (const auto& [connection, queue] : under_way_) {
      if (!queue.empty()) {
        const auto& [from, to, channel] = connection;
        fail(from, fmt::format("sends {} messages to GPU {} on channel {} that it never receives",
                               queue.size(), to, channel));
      }
    }
  }

  /// What chunk `c` of the output (in place: of the input's buffer) of a GPU must hold.
  [[nodiscard]] std::optional<Symbol> promised(std::size_t g, std::uint32_t c) const {
    const std::size_t n = program_.gpus.size();
    const std::uint32_t in = program_.gpus[g].chunks[0];
    const auto sum = [&](std::size_t chunk) {
      Symbol all = 0;
      for (std::size_t r = 0; r < n; ++r) {
        all += input_symbol(r, chunk);
      }
      return all;
    };
    switch (program_.op) {
      case Collective::AllReduce:
        return sum(c);
      case Collective::Reduce:
        return g == 0 ? std::optional(sum(c)) : std::nullopt;
      case Collective::ReduceScatter:
        return sum(g * program_.gpus[g].chunks[1] + c);
      case Collective::Broadcast:
        return input_symbol(0, c);
      case Collective::AllGather:
        return in == 0 ? std::nullopt : std::optional(input_symbol(c / in, c % in));
      case Collective::AllToAll: {
        const auto each = static_cast<std::uint32_t>(in / n);
        return each == 0 ? std::nullopt
                         : std::optional(input_symbol(c / each, g * each + c % each));
      }
      default:
        return std::nullopt;
    }
  }

  void check_result() {
    for (std::size_t g = 0; g < program_.gpus.size(); ++g) {
      const MscclGpu& gpu = program_.gpus[g];
      const bool whole = program_.in_place && program_.op == Collective::AllReduce;
      const std::uint32_t out = whole ? std::max(gpu.chunks[0], gpu.chunks[1]) : gpu.chunks[1];
      if (out == 0 && program_.op != Collective::Reduce) {
        fail(g, "has no output chunks, so the collective has no result there");
      }
      for (std::uint32_t c = 0; c < out; ++c) {
        const auto wanted = promised(g, c);
        const MscclBuffer buffer =
            whole && gpu.chunks[1] < gpu.chunks[0] ? MscclBuffer::Input : MscclBuffer::Output;
        if (wanted && *at(g, buffer, c) != *wanted) {
          fail(g, fmt::format("output chunk {} does not hold what {} promises: a contribution is "
                              "missing, there twice or misplaced",
                              c, name(program_.op)));
        }
      }
    }
  }

  const MscclProgram& program_;
  CollectiveSchedule schedule_;
  units::Bytes chunk_;
  std::vector<std::array<std::uint32_t, kMscclBuffers>> begin_;  ///< of the buffers, by GPU
  std::vector<std::vector<Symbol>> memory_;
  std::vector<std::vector<Progress>> progress_;
  std::vector<std::map<std::int32_t, std::size_t>> position_;  ///< of thread blocks, by id
  std::map<Connection, std::deque<Message>> under_way_;
  std::map<Connection, std::size_t> receiving_;  ///< thread blocks that wait for a message
  std::deque<std::pair<std::size_t, std::size_t>> ready_;
  std::size_t work_ = 0;
};

}  // namespace

CollectiveSchedule schedule_of(const MscclProgram& program, units::Bytes size) {
  return Machine(program, size).run();
}

}  // namespace sim
