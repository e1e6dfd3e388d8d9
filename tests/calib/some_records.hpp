#pragma once
// One record of every type, with every field set.
#include <vector>

#include "calib/records.hpp"

inline calib::Measured some_time() {
  return {.time = units::microseconds(12.5),
          .low = units::microseconds(12),
          .high = units::microseconds(14),
          .noise = 0.004,
          .samples = 40,
          .clock_hz = 1.98e9,
          .temperature_c = 61.0,
          .power = units::watts(512),
          .flags = {calib::Flag::Throttled, calib::Flag::WrongResult}};
}

inline calib::RunHeader some_header() {
  return {.run = "h200-2026-11-21T10:00:00Z-1234",
          .source = "gpuplan-runner 0.1",
          .started = "2026-11-21T10:00:00Z",
          .machine = {.accelerator = "h200-sxm",
                      .device_name = "NVIDIA H200",
                      .devices = 8,
                      .nodes = 1,
                      .sms = 132,
                      .memory = units::bytes(150e9),
                      .power_limit = units::watts(700),
                      .cpu = "some CPU",
                      .uuid = "GPU-1"},
          .software = {.driver = "580.1",
                       .cuda = "13.0",
                       .cublas = "13.0.1",
                       .nccl = "2.28.3",
                       .os = "Debian 12",
                       .framework = "none"},
          .notes = {"idle machine"}};
}

inline calib::MeasuredModel some_model() {
  return {.hidden = 4096,
          .ffn_hidden = 14336,
          .heads = 32,
          .kv_heads = 8,
          .seq_len = 4096,
          .head_dim = 128,
          .vocab = 128256,
          .gated = false,
          .causal = false};
}

inline std::vector<calib::Measurement> some_measurements() {
  using namespace calib;  // NOLINT(google-build-using-namespace): a list of its types
  using topology::Precision;
  const units::Bytes mib = units::mebibytes(1);
  return {
      GemmMeasurement{.precision = Precision::Fp8,
                      .layout = GemmLayout::Wgrad,
                      .shape = {4096, 8192, 1024, 2},
                      .measured = some_time()},
      AttentionMeasurement{.precision = Precision::Bf16,
                           .direction = Direction::Backward,
                           .shape = {.batch = 2,
                                     .query_length = 4096,
                                     .key_length = 4096,
                                     .heads = 32,
                                     .kv_heads = 8,
                                     .head_dim = 128,
                                     .mask = Mask::Full,
                                     .window = 128},
                           .measured = some_time()},
      MemoryBoundMeasurement{.op = "swiglu",
                             .precision = Precision::Fp16,
                             .rows = 8192,
                             .columns = 14336,
                             .bytes = mib,
                             .measured = some_time()},
      LaunchMeasurement{.kind = LaunchKind::GraphNode, .kernels = 1000, .measured = some_time()},
      TransferMeasurement{.direction = TransferDirection::DeviceToHost,
                          .pinned = false,
                          .bytes = mib,
                          .measured = some_time()},
      CollectiveMeasurement{.op = Collective::AllToAll,
                            .bytes = mib,
                            .ranks = 16,
                            .nodes = 2,
                            .precision = Precision::Int8,
                            .algorithm = Algorithm::NvlsTree,
                            .protocol = Protocol::Ll128,
                            .in_place = true,
                            .transport = Transport::SharedDevice,
                            .checked = true,
                            .errors = 3,
                            .system = "my cluster",
                                .nic_bandwidth = units::gigabits_per_second(400),
                            .measured = some_time()},
      OverlapMeasurement{.precision = Precision::Bf16,
                         .gemm = {8192, 8192, 8192, 1},
                         .op = Collective::ReduceScatter,
                         .bytes = mib,
                         .gemm_alone = units::milliseconds(1),
                         .gemm_together = units::milliseconds(1.2),
                         .collective_alone = units::milliseconds(2),
                         .collective_together = units::milliseconds(2.1),
                         .stand_in_sms = 16,
                         .measured = some_time()},
      PowerMeasurement{.load = Load::Communication,
                       .power = units::watts(420),
                       .low = units::watts(400),
                       .high = units::watts(450),
                       .duration = units::seconds(20),
                       .samples = 200,
                       .clock_hz = 1.5e9,
                       .temperature_c = 50.0,
                       .device = "gpu 3"},
      LayerMeasurement{.model = some_model(),
                       .tp = 2,
                       .micro_batch = 1,
                       .precision = Precision::Bf16,
                       .direction = Direction::Forward,
                       .measured = some_time()},
      StepMeasurement{.model = some_model(),
                      .layers = 4,
                      .dp = 2,
                      .micro_batch = 1,
                      .global_batch = 8,
                      .precision = Precision::Tf32,
                      .optimizer = "adamw",
                      .measured = some_time()},
      OperatorMeasurement{.op = "ampere_sgemm_128x64",
                          .category = "gemm",
                          .stream = 7,
                          .count = 12,
                          .total = units::milliseconds(3),
                          .measured = some_time()}};
}

/// A complete run with one record of every type.
inline calib::RunRecords some_run() {
  calib::RunRecords run{.header = some_header(), .lines = {}, .end = {}};
  for (calib::Measurement& m : some_measurements()) {
    run.lines.push_back({.line = 0, .measurement = std::move(m)});
  }
  run.end = {.complete = false, .reason = "interrupted"};
  return run;
}
