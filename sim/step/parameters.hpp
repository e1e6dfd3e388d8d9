#pragma once
// The free parameters of the step model: all that is fitted to whole training steps, and nothing
// else is. One set of values serves every accelerator, framework, model and publication.
#include <array>
#include <cstddef>
#include <string_view>

#include "calib/profile.hpp"

namespace sim {

/// What kernel and collective tables cannot tell about a step. The values are the result of
/// `gpuplan-fit-steps` (scenarios/fit_steps_main.cpp), which prints the table below with
/// cross-validated errors.
struct StepParameters {
  double kernel_dispatch_us = 11.6;
  double layer_dispatch_us = 460.0;
  double collective_dispatch_us = 21.0;
  double legacy_dispatch = 2.01;
  double step_host_ms = 5.5;
  double throttle_share = 0.931;
  double memory_slowdown = 1.232;
  double attention_backward_slowdown = 1.153;
  double overlap_tax = 0.331;
  double collective_skew_us = 15.6;
  double speed_spread = 0.0122;
};

/// What a parameter means, and between which values it is believable: the fit stays within them and
/// is pulled towards their middle where the runs say little.
struct StepParameterInfo {
  double StepParameters::*field;
  std::string_view name, unit, meaning;
  double low, high;
};

inline constexpr std::array kStepParameters{
    StepParameterInfo{&StepParameters::kernel_dispatch_us, "kernel_dispatch", "us",
                      "host time to launch one kernel from eager PyTorch", 3.0, 20.0},
    StepParameterInfo{
        &StepParameters::layer_dispatch_us, "layer_dispatch", "us",
        "further host time per transformer layer and forward pass: Python modules and "
        "autograd; half of it in backward",
        50.0, 800.0},
    StepParameterInfo{&StepParameters::collective_dispatch_us, "collective_dispatch", "us",
                      "host time to launch one collective through torch.distributed", 5.0, 40.0},
    StepParameterInfo{&StepParameters::legacy_dispatch, "legacy_dispatch", "x",
                      "how many times longer the host needs in training code of before 2023", 1.0,
                      3.0},
    StepParameterInfo{&StepParameters::step_host_ms, "step_host", "ms",
                      "host time per step that nothing hides: data, loss scaling, logging", 0.0,
                      10.0},
    StepParameterInfo{&StepParameters::throttle_share, "throttle_share", "of the fall",
                      "how far the clock falls in a step, against a loop of large GEMMs only; what "
                      "runs between them draws less power",
                      0.4, 1.0},
    StepParameterInfo{
        &StepParameters::memory_slowdown, "memory_slowdown", "x",
        "norms, activations, casts and optimizers over the profile's bandwidth, which "
        "is that of a large copy",
        0.8, 1.3},
    StepParameterInfo{
        &StepParameters::attention_backward_slowdown, "attention_backward_slowdown", "x",
        "fused attention, backward, over the profile, which takes it from papers", 0.8, 1.4},
    StepParameterInfo{&StepParameters::overlap_tax, "overlap_tax", "of hidden time",
                      "compute that is lost while a collective runs beside it", 0.0, 0.4},
    StepParameterInfo{&StepParameters::collective_skew_us, "collective_skew", "us",
                      "wait of a collective that nothing hides for the last of its ranks", 0.0,
                      30.0},
    StepParameterInfo{&StepParameters::speed_spread, "speed_spread", "of speed",
                      "standard deviation of speed between like accelerators", 0.004, 0.014}};

/// The fitted parameters with those of the device's own profile in their place: how much longer a
/// product takes beside a collective is the overlap tax, measured.
StepParameters with_measured(StepParameters fitted, const calib::DeviceExtras& measured);

inline constexpr std::size_t kMostStepParameters = 12;
static_assert(kStepParameters.size() <= kMostStepParameters,
              "all training runs together may not have more free parameters");

}  // namespace sim
