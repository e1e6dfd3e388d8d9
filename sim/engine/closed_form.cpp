#include "sim/engine/closed_form.hpp"

#include <algorithm>
#include <vector>

namespace sim {

using units::Seconds;

namespace {

/// What one stage does for one micro-batch, all its chunks together, and at the ends of the step.
struct StageWork {
  Seconds forward, backward;  // all chunks, blocking sends included
  Seconds entry,
      exit;  // virtual stage 0: its first forward and its last backward pass, taxes included
  Seconds overlap_tax;  // of all chunks, once per step, for collectives beside compute
  Seconds end;          // of its last backward or weight gradient pass
  Seconds reduced;      // of its last gradient reduction
  Seconds tail;
  [[nodiscard]] Seconds cycle() const { return forward + backward; }
};

Seconds hideable(const std::vector<Sync>& syncs) {
  Seconds sum;
  for (const Sync& s : syncs) {
    sum += s.hideable.cost.time;
  }
  return sum;
}
Seconds bucket(const std::vector<Sync>& syncs) {
  Seconds sum;
  for (const Sync& s : syncs) {
    sum += s.bucket.cost.time;
  }
  return sum;
}

StageWork stage_work(const StepGraph& g, int stage) {
  StageWork w;
  const Seconds send = g.blocking_sends ? g.boundary.cost.time : Seconds{};
  const int last_chunk = g.pp * g.virtual_stages - 1;
  for (int v = 0; v < g.virtual_stages; ++v) {
    const ChunkClass& chunk = g.chunk(stage, v);
    const int index = v * g.pp + stage;
    w.forward += chunk.forward.duration + (index < last_chunk ? send : Seconds{});
    w.backward += chunk.backward.duration + (index > 0 ? send : Seconds{});
    w.overlap_tax += gather_tax(g, chunk) + reduce_tax(g, chunk);
  }
  const ChunkClass& first = g.chunk(stage, 0);
  w.entry = first.forward.duration + gather_tax(g, first) + (stage < last_chunk ? send : Seconds{});
  w.exit = first.backward.duration + (g.splits_backward() ? Seconds{} : reduce_tax(g, first)) +
           (stage > 0 ? send : Seconds{});
  const StageTail& tail = g.tails[static_cast<std::size_t>(stage)];
  w.tail = tail.parts.total();
  if (!g.overlap_gather) {
    for (int v = 0; v < g.virtual_stages; ++v) {
      w.tail += bucket(g.chunk(stage, v).gather_parameters);
    }
  }
  return w;
}

/// Start-up: how much later than without parameter gathers the first micro-batch leaves the last
/// chunk. A stage gathers its chunks one after the other from the start of the step on.
Seconds gather_delay(const StepGraph& g, Seconds hop) {
  if (!g.overlap_gather) {
    return {};
  }
  std::vector<Seconds> gathered(static_cast<std::size_t>(g.pp));
  Seconds with;
  Seconds without;
  for (int v = 0; v < g.virtual_stages; ++v) {
    for (int p = 0; p < g.pp; ++p) {
      const ChunkClass& chunk = g.chunk(p, v);
      const Seconds pass = chunk.forward.duration + gather_tax(g, chunk);
      Seconds& ready = gathered[static_cast<std::size_t>(p)];
      const Seconds begin = std::max(with, ready + bucket(chunk.gather_parameters));
      ready += bucket(chunk.gather_parameters) + hideable(chunk.gather_parameters);
      with = std::max(begin + pass, ready) + hop;
      without += pass + hop;
    }
  }
  return std::max(Seconds{}, with - without);
}

/// When the last gradient of a stage is reduced, its last backward pass ending at `end`.
Seconds reduction_end(const StepGraph& g, int stage, Seconds end) {
  Seconds free;
  if (!g.overlap_reduce) {
    free = end;
    for (int v = 0; v < g.virtual_stages; ++v) {
      free += bucket(g.chunk(stage, v).reduce_gradients);
    }
    return free;
  }
  Seconds chunk_end = end;
  std::vector<Seconds> ends(static_cast<std::size_t>(g.virtual_stages));
  for (int v = 0; v < g.virtual_stages; ++v) {
    ends[static_cast<std::size_t>(v)] = chunk_end;
    const ChunkClass& chunk = g.chunk(stage, v);
    chunk_end -=
        g.gradient_pass(chunk).duration * std::min(g.pp, g.micro_batches) + reduce_tax(g, chunk);
  }
  for (int v = g.virtual_stages - 1; v >= 0; --v) {
    const ChunkClass& chunk = g.chunk(stage, v);
    const Seconds e = ends[static_cast<std::size_t>(v)];
    free = std::max(free, e - g.gradient_pass(chunk).duration - reduce_tax(g, chunk)) +
           hideable(chunk.reduce_gradients);
    free = std::max(free, e) + bucket(chunk.reduce_gradients);
  }
  return std::max(free, end);
}

/// Time from the start to the end of the last backward pass on stage 0, and the stage that sets it.
struct PipelineTime {
  Seconds total;
  int busiest = 0;
};
PipelineTime pipeline_time(const StepGraph& g, const std::vector<StageWork>& stages, Seconds hop) {
  const double m = g.micro_batches;
  Seconds chain;
  for (const StageWork& w : stages) {
    chain += w.entry + w.exit;
  }
  PipelineTime best;
  for (int r = 0; r < g.pp; ++r) {
    const StageWork& w = stages[static_cast<std::size_t>(r)];
    const Seconds total = chain - w.entry - w.exit + m * w.cycle() + w.overlap_tax;
    if (total > best.total) {
      best = {total, r};
    }
  }
  // Neighbours that wait for each other's sends in the steady state.
  if (g.virtual_stages == 1) {
    for (int p = 0; p + 1 < g.pp; ++p) {
      const StageWork& a = stages[static_cast<std::size_t>(p)];
      const StageWork& b = stages[static_cast<std::size_t>(p) + 1];
      const Seconds cycle = 0.5 * (a.cycle() + b.cycle()) + hop;
      const Seconds total = chain + (m - 1.0) * cycle;
      if (total > best.total) {
        best = {total, a.cycle() > b.cycle() ? p : p + 1};
      }
    }
  } else {
    // A micro-batch comes back to a stage for its next virtual stage after pp sends; the schedule
    // leaves no slack for them, nor for the taxes of the other stages, while the pipeline fills and
    // drains.
    best.total += hop * 2.0 * (g.virtual_stages - 1) * g.pp;
    for (int p = 0; p < g.pp; ++p) {
      const ChunkClass& first = g.chunk(p, 0);
      const Seconds later = stages[static_cast<std::size_t>(p)].overlap_tax - gather_tax(g, first) -
                            reduce_tax(g, first);
      best.total += p == best.busiest ? Seconds{} : later;
    }
  }
  best.total += hop * 2.0 * (g.pp - 1);
  return best;
}

/// Weight gradients that a stage runs after its last backward pass.
Seconds put_off(const StepGraph& g, int stage) {
  if (!g.splits_backward()) {
    return {};
  }
  const ChunkClass& chunk = g.chunk(stage, 0);
  return (1.0 + std::min(stage, g.micro_batches - 1)) * chunk.weight.duration +
         reduce_tax(g, chunk);
}

/// The same for ZB-H1. Until the last backward pass of stage r, where it is the busiest:
///   first forward passes of the stages before it;
///   its own work but for the put-off weight gradients, m (F + B + W) - (r + 1) W;
///   what it waits for its first backward pass beyond its further warm-up forward passes, and, once
///   there is nothing left to run forward, for the backward passes of its last micro-batches;
/// then the last backward passes of the stages before it.
PipelineTime zero_bubble_time(const StepGraph& g, const std::vector<StageWork>& stages,
                              Seconds hop) {
  const auto weight = [&g](int p) { return g.chunk(p, 0).weight.duration; };
  const double m = g.micro_batches;
  Seconds chain;
  for (const StageWork& w : stages) {
    chain += w.forward + w.backward;
  }
  PipelineTime best;
  Seconds before;
  for (int r = 0; r < g.pp; ++r) {
    const StageWork& w = stages[static_cast<std::size_t>(r)];
    const double warm_up = std::min(g.pp - 1 - r, g.micro_batches - 1);
    const double waiting = std::min(r, g.micro_batches - 1);
    const Seconds behind = chain - before - w.cycle() + hop * 2.0 * (g.pp - 1 - r);
    const Seconds work = m * (w.cycle() + weight(r)) - (waiting + 1.0) * weight(r);
    const Seconds total = before + hop * 2.0 * r + work +
                          std::max(Seconds{}, behind - warm_up * w.forward) +
                          std::max(Seconds{}, behind - warm_up * (w.backward + weight(r)));
    if (total > best.total) {
      best = {total, r};
    }
    before += w.cycle();
  }
  // Neighbours that wait for each other's sends: two micro-batches go round between them.
  for (int p = 0; p + 1 < g.pp; ++p) {
    const StageWork& a = stages[static_cast<std::size_t>(p)];
    const StageWork& b = stages[static_cast<std::size_t>(p) + 1];
    const Seconds cycle = 0.5 * (a.cycle() + b.cycle() + weight(p)) + hop;
    const Seconds total = chain + hop * 2.0 * (g.pp - 1) + (m - 1.0) * cycle;
    if (total > best.total) {
      best = {total, p};
    }
  }
  for (int p = 0; p < g.pp; ++p) {
    best.total += gather_tax(g, g.chunk(p, 0));
  }
  return best;
}

}  // namespace

PartTimes stage_parts(const StepGraph& g, int stage) {
  PartTimes parts;
  Seconds tax;
  for (int v = 0; v < g.virtual_stages; ++v) {
    const ChunkClass& chunk = g.chunk(stage, v);
    parts += chunk.forward.parts;
    parts += chunk.backward.parts;
    parts += chunk.weight.parts;
    tax += gather_tax(g, chunk) + reduce_tax(g, chunk);
  }
  if (g.blocking_sends) {
    Seconds weight;
    for (int v = 0; v < g.virtual_stages; ++v) {
      weight += g.chunk(stage, v).weight.duration;
    }
    parts[Part::PpComm] += stage_work(g, stage).cycle() + weight - parts.total();
  }
  parts *= g.micro_batches;
  parts[Part::DpComm] += tax;
  parts += g.tails[static_cast<std::size_t>(stage)].parts;
  parts[Part::Host] += g.step_host;
  return parts;
}

StepTime closed_form(const StepGraph& g) {
  std::vector<StageWork> stages;
  stages.reserve(static_cast<std::size_t>(g.pp));
  for (int p = 0; p < g.pp; ++p) {
    stages.push_back(stage_work(g, p));
  }
  const Seconds hop = g.blocking_sends ? Seconds{} : g.boundary.cost.time;
  const PipelineTime pipeline =
      g.splits_backward() ? zero_bubble_time(g, stages, hop) : pipeline_time(g, stages, hop);
  Seconds drained = pipeline.total + gather_delay(g, hop);
  Seconds step;
  for (int p = 0; p < g.pp; ++p) {
    StageWork& w = stages[static_cast<std::size_t>(p)];
    w.end = drained + put_off(g, p);
    w.reduced = reduction_end(g, p, w.end);
    step = std::max(step, w.reduced + w.tail);
    drained -= w.exit + hop;
  }
  step += g.step_host;
  StepTime result{.step = step, .parts = {}, .busiest_stage = pipeline.busiest};
  const StageWork& busiest = stages[static_cast<std::size_t>(pipeline.busiest)];
  const StageTail& tail = g.tails[static_cast<std::size_t>(pipeline.busiest)];
  result.parts = stage_parts(g, pipeline.busiest);
  result.parts[Part::DpComm] +=
      (busiest.reduced - busiest.end) + (busiest.tail - tail.parts.total());
  result.parts[Part::Bubble] += step - result.parts.total();
  return result;
}

}  // namespace sim
