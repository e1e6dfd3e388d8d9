#include "sim/engine/closed_form.hpp"

#include <algorithm>
#include <vector>

namespace sim {

using units::Seconds;

namespace {

/// What one stage does for one micro-batch, all its chunks together, and at the ends of the step.
struct StageWork {
  Seconds forward, backward;              // all chunks, blocking sends included
  Seconds first_forward, first_backward;  // of virtual stage 0
  Seconds overlap_tax;                    // once per step, for collectives beside compute
  Seconds end;                            // of its last backward pass
  Seconds reduced;                        // of its last gradient reduction
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
  w.first_forward = g.chunk(stage, 0).forward.duration + (stage < last_chunk ? send : Seconds{});
  w.first_backward = g.chunk(stage, 0).backward.duration + (stage > 0 ? send : Seconds{});
  const StageTail& tail = g.tails[static_cast<std::size_t>(stage)];
  w.tail = tail.parts.total();
  if (!g.overlap_gather) {
    for (int v = 0; v < g.virtual_stages; ++v) {
      w.tail += bucket(g.chunk(stage, v).gather_parameters);
    }
  }
  return w;
}

/// Start-up: how much later than without parameter gathers the first micro-batch leaves the last stage.
Seconds gather_delay(const StepGraph& g, const std::vector<StageWork>& stages, Seconds hop) {
  if (!g.overlap_gather) {
    return {};
  }
  Seconds with;
  Seconds without;
  for (int p = 0; p < g.pp; ++p) {
    const StageWork& w = stages[static_cast<std::size_t>(p)];
    const std::vector<Sync>& syncs = g.chunk(p, 0).gather_parameters;
    const Seconds begin = std::max(with, bucket(syncs));
    with = std::max(begin + w.first_forward, bucket(syncs) + hideable(syncs)) + hop;
    without += w.first_forward + hop;
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
    chunk_end -= g.chunk(stage, v).backward.duration * std::min(g.pp, g.micro_batches);
  }
  for (int v = g.virtual_stages - 1; v >= 0; --v) {
    const ChunkClass& chunk = g.chunk(stage, v);
    const Seconds e = ends[static_cast<std::size_t>(v)];
    free = std::max(free, e - chunk.backward.duration) + hideable(chunk.reduce_gradients);
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
    chain += w.first_forward + w.first_backward;
  }
  PipelineTime best;
  for (int r = 0; r < g.pp; ++r) {
    const StageWork& w = stages[static_cast<std::size_t>(r)];
    const Seconds total = chain - w.first_forward - w.first_backward + m * w.cycle() + w.overlap_tax;
    if (total > best.total) {
      best = {total, r};
    }
  }
  // Neighbours that wait for each other's sends in the steady state.
  if (g.virtual_stages == 1) {
    for (int p = 0; p + 1 < g.pp; ++p) {
      const StageWork& a = stages[static_cast<std::size_t>(p)];
      const StageWork& b = stages[static_cast<std::size_t>(p + 1)];
      const Seconds cycle = 0.5 * (a.cycle() + b.cycle()) + hop;
      const Seconds total = chain + (m - 1.0) * cycle + std::max(a.overlap_tax, b.overlap_tax);
      if (total > best.total) {
        best = {total, a.cycle() > b.cycle() ? p : p + 1};
      }
    }
  } else {
    // A micro-batch comes back to a stage for its next virtual stage after pp sends; the schedule leaves no slack
    // for them while the pipeline fills and drains.
    best.total += hop * 2.0 * (g.virtual_stages - 1) * g.pp;
  }
  best.total += hop * 2.0 * (g.pp - 1);
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
    tax += gather_tax(g, chunk) + reduce_tax(g, chunk);
  }
  if (g.blocking_sends) {
    parts[Part::PpComm] += stage_work(g, stage).cycle() - parts.total();
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
  const PipelineTime pipeline = pipeline_time(g, stages, hop);
  Seconds end = pipeline.total + gather_delay(g, stages, hop);
  Seconds step;
  for (int p = 0; p < g.pp; ++p) {
    StageWork& w = stages[static_cast<std::size_t>(p)];
    w.end = end;
    w.reduced = reduction_end(g, p, end);
    step = std::max(step, w.reduced + w.tail);
    end -= w.first_backward + hop;
  }
  step += g.step_host;
  StepTime result{.step = step, .parts = {}, .busiest_stage = pipeline.busiest};
  const StageWork& busiest = stages[static_cast<std::size_t>(pipeline.busiest)];
  const StageTail& tail = g.tails[static_cast<std::size_t>(pipeline.busiest)];
  result.parts = stage_parts(g, pipeline.busiest);
  result.parts[Part::DpComm] += (busiest.reduced - busiest.end) + (busiest.tail - tail.parts.total());
  result.parts[Part::Bubble] += step - result.parts.total();
  return result;
}

}  // namespace sim
