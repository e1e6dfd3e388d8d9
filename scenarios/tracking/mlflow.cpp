#include "scenarios/tracking/mlflow.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <httplib.h>
#include <nlohmann/json.hpp>

#include "topology/error.hpp"

namespace scenarios {

namespace {

using nlohmann::json;
using topology::InputError;
using topology::RuntimeFailure;

/// Of one runs/log-batch request. Source: MLflow REST API, "Log Batch".
constexpr std::size_t kMostMetrics = 1000, kMostParams = 100;
/// Bytes of a parameter that every storage backend takes: MLflow REST API before 2.0.
constexpr std::size_t kLongestParam = 250;
constexpr int kNotFound = 404, kUnauthorized = 401, kForbidden = 403, kOk = 200;

/// "http://host:5000" and what follows it.
struct Address {
  std::string host, path;
};

Address address_of(const std::string& uri) {
  const bool known = uri.starts_with("http://") || uri.starts_with("https://");
  const std::size_t begin = known ? uri.find("://") + 3 : 0;
  if (!known || begin == uri.size()) {
    throw InputError({}, "--uri",
                     fmt::format("found \"{}\", expected the address of a tracking server such as "
                                 "http://localhost:5000",
                                 uri));
  }
  const std::size_t slash = std::min(uri.find('/', begin), uri.size());
  Address a{uri.substr(0, slash), uri.substr(slash)};
  while (a.path.ends_with('/')) {
    a.path.pop_back();
  }
  return a;
}

class Tracking {
 public:
  explicit Tracking(const MlflowServer& server)
      : uri_(server.uri), address_(address_of(server.uri)), client_(address_.host) {
    constexpr time_t kConnect = 5, kAnswer = 30;  // seconds
    client_.set_connection_timeout(kConnect);
    client_.set_read_timeout(kAnswer);
    if (!server.token.empty()) {
      client_.set_bearer_token_auth(server.token.c_str());
    }
  }

  json post(const std::string& what, const json& body) {
    const std::string path = path_of(what);
    return answer(path, client_.Post(path.c_str(), body.dump(), "application/json"));
  }

  /// The experiment's id; creates it where there is none.
  std::string experiment(const std::string& name) {
    const std::string path = path_of("experiments/get-by-name") +
                             "?experiment_name=" + httplib::detail::encode_query_param(name);
    const httplib::Result found = client_.Get(path.c_str());
    if (found && found->status == kNotFound && is_missing_experiment(found->body)) {
      return text(post("experiments/create", {{"name", name}}), "/experiment_id");
    }
    return text(answer(path, found), "/experiment/experiment_id");
  }

  /// A text of an answer. @throws RuntimeFailure where it is not there.
  [[nodiscard]] std::string text(const json& answer, const char* pointer) const {
    const json::json_pointer at(pointer);
    if (!answer.is_object() || !answer.contains(at) || !answer.at(at).is_string()) {
      throw RuntimeFailure(strange());
    }
    return answer.at(at).get<std::string>();
  }

 private:
  [[nodiscard]] std::string path_of(const std::string& what) const {
    return address_.path + "/api/2.0/mlflow/" + what;
  }

  [[nodiscard]] std::string strange() const {
    return fmt::format("{} answers, but not as an MLflow tracking server does; check --uri", uri_);
  }

  static bool is_missing_experiment(const std::string& body) {
    const json answer = json::parse(body, nullptr, /*allow_exceptions=*/false);
    return answer.is_object() && answer.value("error_code", "") == "RESOURCE_DOES_NOT_EXIST";
  }

  /// The server's own words about an error, where it has some.
  static std::string reason(const httplib::Response& response) {
    const json answer = json::parse(response.body, nullptr, /*allow_exceptions=*/false);
    if (answer.is_object() && answer.contains("message") && answer["message"].is_string()) {
      return ": " + answer["message"].get<std::string>();
    }
    return {};
  }

  [[nodiscard]] json answer(const std::string& path, const httplib::Result& result) const {
    if (!result) {
      throw RuntimeFailure(
          fmt::format("the tracking server {} does not answer ({}); start it (mlflow server), or "
                      "check --uri",
                      uri_, httplib::to_string(result.error())));
    }
    if (result->status == kUnauthorized || result->status == kForbidden) {
      throw RuntimeFailure(
          fmt::format("the tracking server {} refuses (HTTP {}){}; set MLFLOW_TRACKING_TOKEN to a "
                      "token that may write",
                      uri_, result->status, reason(*result)));
    }
    if (result->status != kOk) {
      throw RuntimeFailure(fmt::format("the tracking server {} answers HTTP {} to {}{}", uri_,
                                       result->status, path, reason(*result)));
    }
    json parsed = json::parse(result->body, nullptr, /*allow_exceptions=*/false);
    if (parsed.is_discarded()) {
      throw RuntimeFailure(strange());
    }
    return parsed;
  }

  std::string uri_;
  Address address_;
  httplib::Client client_;
};

json pairs(const std::vector<std::pair<std::string, std::string>>& list, std::size_t from,
           std::size_t most) {
  json array = json::array();
  for (std::size_t i = from; i < std::min(list.size(), from + most); ++i) {
    array.push_back({{"key", list[i].first}, {"value", list[i].second.substr(0, kLongestParam)}});
  }
  return array;
}

void send_values(Tracking& server, const std::string& id, const MlflowRun& run) {
  for (std::size_t from = 0; from < run.metrics.size(); from += kMostMetrics) {
    json metrics = json::array();
    for (std::size_t i = from; i < std::min(run.metrics.size(), from + kMostMetrics); ++i) {
      metrics.push_back({{"key", run.metrics[i].first},
                         {"value", run.metrics[i].second},
                         {"timestamp", run.time_ms},
                         {"step", 0}});
    }
    server.post("runs/log-batch", {{"run_id", id}, {"metrics", std::move(metrics)}});
  }
  for (std::size_t from = 0; from < run.params.size(); from += kMostParams) {
    server.post("runs/log-batch",
                {{"run_id", id}, {"params", pairs(run.params, from, kMostParams)}});
  }
}

}  // namespace

std::string send_run(const MlflowServer& server, const MlflowRun& run) {
  Tracking tracking(server);
  const std::string experiment = tracking.experiment(run.experiment);
  const json created =
      tracking.post("runs/create", {{"experiment_id", experiment},
                                    {"run_name", run.name},
                                    {"start_time", run.time_ms},
                                    {"tags", pairs(run.tags, 0, run.tags.size())}});
  const std::string id = tracking.text(created, "/run/info/run_id");
  send_values(tracking, id, run);
  tracking.post("runs/update", {{"run_id", id}, {"status", "FINISHED"}, {"end_time", run.time_ms}});
  return id;
}

}  // namespace scenarios
