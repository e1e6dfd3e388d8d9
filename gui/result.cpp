#include "gui/result.hpp"

#include <nlohmann/json.hpp>

#include "gui/read_sources.hpp"
#include "topology/error.hpp"

namespace gui {

namespace {

using Json = nlohmann::ordered_json;  // parts are shown in the order that the command chose

QString text(const Json& json) {
  return QString::fromStdString(json.get<std::string>());
}

std::vector<NamedValue> named(const Json& object) {
  std::vector<NamedValue> values;
  for (const auto& [key, value] : object.items()) {
    values.push_back({QString::fromStdString(key), value.get<double>()});
  }
  return values;
}

std::optional<double> maybe(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? std::optional(found->get<double>())
                                                     : std::nullopt;
}

Roofline read_roofline(const Json& o) {
  Roofline r;
  r.accelerator = text(o.at("accelerator"));
  r.stage = o.at("stage").get<int>();
  r.memory_bytes_per_s = o.at("memory_bytes_per_s").get<double>();
  r.memory_source = text(o.at("memory_source"));
  for (const Json& roof : o.at("roofs")) {
    r.roofs.push_back({text(roof.at("precision")), roof.at("peak_flops_per_s").get<double>(),
                       text(roof.at("source"))});
  }
  for (const Json& k : o.at("kernels")) {
    const Json& precision = k.at("precision");
    r.kernels.push_back({text(k.at("name")), text(k.at("part")), text(k.at("phase")),
                         text(k.at("shape")), precision.is_null() ? QString() : text(precision),
                         k.at("calls").get<double>(), k.at("flops").get<double>(),
                         k.at("bytes").get<double>(), k.at("time_s").get<double>()});
  }
  return r;
}

Result read(const Json& o) {
  Result r;
  r.scenario = text(o.at("scenario"));
  r.flow = o.at("fidelity") == "flow";
  r.gpus = o.at("gpus").get<int>();
  r.step_s = o.at("step_time_s").get<double>();
  r.mfu = o.at("mfu").get<double>();
  r.hfu = o.at("hfu").get<double>();
  r.tokens_per_s = o.at("tokens_per_s").get<double>();
  r.tokens_per_s_per_gpu = o.at("tokens_per_s_per_gpu").get<double>();
  r.model_flops_per_gpu = o.at("model_flops_per_gpu_per_s").get<double>();
  r.peak_flops_per_gpu = o.at("peak_flops_per_gpu_per_s").get<double>();
  r.parameters = o.at("parameters").get<double>();
  r.micro_batches = o.at("micro_batches").get<int>();
  r.fits = o.at("fits").get<bool>();
  r.memory_bytes = o.at("memory_bytes").get<double>();
  r.memory_capacity_bytes = o.at("memory_capacity_bytes").get<double>();
  r.memory_stage = o.at("memory_stage").get<int>();
  r.memory = named(o.at("memory"));
  for (const Json& tensor : o.at("memory_tensors")) {
    r.tensors.push_back({text(tensor.at("kind")) + ": " + text(tensor.at("name")),
                         tensor.at("bytes").get<double>()});
  }
  r.breakdown = named(o.at("breakdown_s"));
  for (const Json& step : o.at("waterfall")) {
    r.lost.push_back({text(step.at("what")), step.at("lost_flops_per_s").get<double>()});
  }
  r.power_w = o.at("power_w").get<double>();
  r.power_per_gpu_w = o.at("power_per_gpu_w").get<double>();
  r.network_power_w = o.at("network_power_w").get<double>();
  r.energy_j = o.at("energy_j_per_step").get<double>();
  r.usd_per_hour = maybe(o, "usd_per_hour");
  r.usd_per_trillion_tokens = maybe(o, "usd_per_trillion_tokens");
  for (const Json& link : o.at("busiest_links")) {
    r.busiest_links.push_back({text(link.at("link")), link.at("utilisation").get<double>()});
  }
  r.network_verdict = text(o.at("network_verdict"));
  for (const Json& warning : o.at("warnings")) {
    r.warnings << text(warning);
  }
  r.roofline = read_roofline(o.at("roofline"));
  r.wall_s = o.at("wall_s").get<double>();
  r.ranges = read_ranges(o);
  r.sources = read_sources(o);
  return r;
}

}  // namespace

std::optional<Range> Result::range(const QString& figure) const {
  const auto found = ranges.find(figure);
  return found == ranges.end() ? std::nullopt : std::optional(found->second);
}

Result read_result(const QByteArray& json) {
  try {
    return read(Json::parse(json.begin(), json.end()));
  } catch (const Json::exception&) {
    throw topology::RuntimeFailure(
        "the simulation's answer cannot be read; is gpuplan of the same version as gpuplan-gui?");
  }
}

}  // namespace gui
