#include "scenarios/residual_points.hpp"

#include <fmt/format.h>

namespace scenarios {

namespace {

std::string gemm_class(const calib::GemmRecord& r) {
  constexpr std::int64_t kSmall = 64, kLarge = 1024;
  return r.shape.m < kSmall   ? "m below 64"
         : r.shape.m < kLarge ? "m 64 to 1023"
                              : "m 1024 and more";
}

void add_kernels(const Calibration& c, std::vector<ResidualPoint>& points) {
  const calib::DeviceProfile& p = *c.device;
  for (const calib::GemmRecord& r : c.set.gemm) {
    const auto format = topology::name(r.precision);
    const units::Seconds predicted = gemm_time(p, r.shape, r.precision);
    const double work = 2.0 * static_cast<double>(r.shape.m) * static_cast<double>(r.shape.n) *
                        static_cast<double>(r.shape.k * r.shape.batch);
    points.push_back({fmt::format("GEMM {}: error by size", format), "FLOP", gemm_class(r), work,
                      r.time, predicted});
    points.push_back({fmt::format("GEMM {}: error by depth", format), "k", gemm_class(r),
                      static_cast<double>(r.shape.k), r.time, predicted});
  }
  for (const calib::AttentionRecord& r : c.set.attention_forward) {
    const units::Seconds predicted = attention_forward_time(p, r.shape, r.precision);
    const std::string shape = fmt::format("head dimension {}", r.shape.head_dim);
    points.push_back({"Attention forward: error by size", "FLOP", shape,
                      attention_flops(r.shape).base(), r.time, predicted});
    points.push_back({"Attention forward: error by sequence length", "tokens", shape,
                      static_cast<double>(r.shape.query_length), r.time, predicted});
  }
  for (const auto& r : c.set.memory_bound) {
    points.push_back({"Memory-bound kernels: error by size", "bytes", r.measurement.op,
                      r.measurement.bytes.base(), r.measurement.measured.time,
                      memory_time(p, r.measurement.bytes)});
  }
}

void add_collectives(const Calibration& c, std::vector<ResidualPoint>& points) {
  for (std::size_t i = 0; i < c.collective_times.size(); ++i) {
    const calib::CollectiveMeasurement& m = c.set.collectives[i].measurement;
    if (c.collective_times[i]) {
      points.push_back({m.nodes > 1 ? "Collectives across domains: error by size"
                                    : "Collectives inside a domain: error by size",
                        "bytes", std::string(calib::name(m.op)), m.bytes.base(), m.measured.time,
                        *c.collective_times[i]});
    }
  }
}

}  // namespace

std::vector<ResidualPoint> residual_points(const Calibration& calibration) {
  std::vector<ResidualPoint> points;
  if (calibration.device) {
    add_kernels(calibration, points);
  }
  if (calibration.collectives) {
    add_collectives(calibration, points);
  }
  return points;
}

std::string residual_csv(const Calibration& calibration) {
  std::string text = "plot,series,x_name,x,measured_s,predicted_s,error\n";
  for (const ResidualPoint& p : residual_points(calibration)) {
    text +=
        fmt::format("{},{},{},{},{},{},{}\n", p.plot, p.series, p.x_name, p.x,
                    p.measured.in(units::seconds(1)), p.predicted.in(units::seconds(1)), p.error());
  }
  return text;
}

}  // namespace scenarios
