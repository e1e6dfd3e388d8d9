#include "calib/import/kineto.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <map>
#include <tuple>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "calib/import/known_words.hpp"
#include "calib/statistics.hpp"
#include "topology/error.hpp"

namespace calib {

namespace {

using Json = nlohmann::json;
using topology::InputError;

struct Words {
  std::string_view category;
  std::vector<std::string_view> words;  ///< lower case, the first category that has one wins
};

/// Template arguments are cut off, long names shortened.
std::string short_name(std::string_view name) {
  constexpr std::size_t kLongest = 160;
  if (name.starts_with("void ")) {
    name.remove_prefix(5);
  }
  if (name.size() <= kLongest) {
    return std::string(name);
  }
  std::string out;
  int depth = 0;
  for (const char c : name) {
    depth += c == '<' ? 1 : 0;
    if (depth == 0) {
      out += c;
    }
    depth -= c == '>' && depth > 0 ? 1 : 0;
  }
  return out.substr(0, kLongest);
}

/// Stream -1: on the host.
using Key = std::tuple<std::string, std::string, std::int64_t>;

/// Collects calls while the JSON is parsed, so that no event is kept.
class Collector {
 public:
  void event(const Json& event) {
    const std::string phase = text(event, "ph"), category = text(event, "cat");
    if (phase != "X") {
      return;
    }
    const auto duration = event.find("dur");
    if (duration == event.end() || !duration->is_number()) {
      return;
    }
    const double us = duration->get<double>();
    if (!(us >= 0.0) || us > 1e12) {
      return;
    }
    const std::string name = text(event, "name");
    const bool kernel = category == "kernel" || category == "Kernel";
    const bool copy = category == "gpu_memcpy" || category == "gpu_memset" ||
                      category == "Memcpy" || category == "Memset";
    if (kernel || copy) {
      calls_[{short_name(name), copy ? "copy" : kernel_category(name), stream(event)}].push_back(
          us);
    } else if (category == "cpu_op" || category == "Operator") {
      calls_[{short_name(name), "", -1}].push_back(us);
    }
  }
  void device(const Json& device) {
    if (device_.empty()) {
      device_ = text(device, "name");
      const auto sms = device.find("numSms");
      sms_ = sms != device.end() && sms->is_number_integer() ? sms->get<std::int64_t>() : 0;
    }
  }
  [[nodiscard]] const std::map<Key, std::vector<double>>& calls() const { return calls_; }
  [[nodiscard]] const std::string& device_name() const { return device_; }
  [[nodiscard]] std::int64_t sms() const { return sms_; }

 private:
  static std::string text(const Json& object, const char* key) {
    const auto at = object.find(key);
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
  }
  static std::int64_t stream(const Json& event) {
    const auto args = event.find("args");
    if (args != event.end() && args->is_object()) {
      const auto at = args->find("stream");
      if (at != args->end() && at->is_number_integer() && at->get<double>() >= 0) {
        return std::min<std::int64_t>(at->get<std::int64_t>(), 1'000'000'000);
      }
    }
    return 0;
  }
  std::map<Key, std::vector<double>> calls_;
  std::string device_;
  std::int64_t sms_ = 0;
};

OperatorMeasurement measurement_of(const Key& key, const std::vector<double>& us) {
  OperatorMeasurement m;
  m.op = std::get<0>(key).empty() ? "(no name)" : std::get<0>(key);
  if (std::get<2>(key) >= 0) {
    m.category = std::get<1>(key);
    m.stream = std::get<2>(key);
  }
  m.count = static_cast<std::int64_t>(us.size());
  double total = 0.0;
  for (const double x : us) {
    total += x;
  }
  constexpr double kResolution = 1e-3;  // us; traces of whole microseconds hold zeros
  m.total = units::microseconds(total);
  m.measured.time = units::microseconds(std::max(kResolution, median(us)));
  m.measured.low = units::microseconds(quantile(us, 0.05));
  m.measured.high = units::microseconds(quantile(us, 0.95));
  m.measured.samples = m.count;
  return m;
}

}  // namespace

std::string kernel_category(std::string_view name) {
  static const std::vector<Words> kWords{
      {"collective", {"nccl", "rccl", "allreduce", "allgather", "reducescatter"}},
      {"attention", {"flash", "fmha", "attention", "mha_"}},
      {"gemm",
       {"gemm", "cutlass", "cublas", "xmma", "nvjet", "gemv", "splitk", "tensorop", "cijk", "conv",
        "wgrad", "dgrad"}},
      {"copy", {"memcpy", "memset", "copy_kernel"}},
      {"memory_bound",
       {"elementwise", "norm",    "softmax", "dropout",  "adam",      "multi_tensor",
        "embedding",   "index",   "reduce",  "catarray", "transpose", "triton",
        "vectorized",  "fill",    "gelu",    "silu",     "pool",      "cross_entropy",
        "nll_loss",    "scatter", "gather",  "sort",     "scan"}}};
  std::string low(name);
  std::transform(low.begin(), low.end(), low.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Words& row : kWords) {
    for (const std::string_view word : row.words) {
      if (low.find(word) != std::string::npos) {
        return std::string(row.category);
      }
    }
  }
  return "other";
}

RunRecords import_kineto(std::string_view text, const std::string& file, const Description& known) {
  Collector collector;
  std::string key;  // of the top level, "traceEvents"
  const Json::parser_callback_t callback = [&](int depth, Json::parse_event_t event, Json& parsed) {
    constexpr int kMostDepth = 64;
    if (depth > kMostDepth) {
      throw InputError({.file = file}, "", "is nested too deeply for a profiler's trace");
    }
    if (event == Json::parse_event_t::key && depth == 1 && parsed.is_string()) {
      key = parsed.get<std::string>();
    }
    if (event != Json::parse_event_t::object_end || depth != 2) {
      return true;
    }
    if (key == "traceEvents") {
      collector.event(parsed);
    } else if (key == "deviceProperties") {
      collector.device(parsed);
    }
    return false;  // keep nothing: traces have millions of events
  };
  try {
    const Json nothing_kept = Json::parse(text, callback);
    (void)nothing_kept;
  } catch (const Json::exception& e) {
    throw InputError(
        {.file = file}, "",
        fmt::format("is not whole JSON, expected a trace of PyTorch's profiler: {}", e.what()));
  }
  if (collector.calls().empty()) {
    throw InputError({.file = file}, "",
                     "holds no operator or kernel, expected \"traceEvents\" of PyTorch's profiler");
  }
  RunRecords run;
  run.header.run = std::filesystem::path(file).filename().string();
  run.header.source = "PyTorch profiler (Kineto)";
  run.header.started = known.started.empty() ? "unknown" : known.started;
  run.header.machine.device_name = collector.device_name();
  run.header.machine.accelerator =
      !known.accelerator.empty() ? known.accelerator : accelerator_in(collector.device_name());
  if (collector.sms() > 0) {
    run.header.machine.sms = std::min<std::int64_t>(collector.sms(), 1'000'000);
  }
  for (const auto& [what, us] : collector.calls()) {
    run.lines.push_back({0, measurement_of(what, us)});
  }
  run.end = {.complete = true, .reason = {}};
  return run;
}

}  // namespace calib
