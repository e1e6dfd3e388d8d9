// `gpuplan export-metrics`, and its run in a tracking server that stands in for MLflow.
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <nlohmann/json.hpp>

#include "calib/csv.hpp"
#include "scenarios/tracking/mlflow.hpp"

#include "tests/scenarios/run_gpuplan.hpp"

namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kExamples = std::string(GPUPLAN_SOURCE_DIR) + "/scenarios/examples/";
const std::string kRun = kExamples + "llama3-405b-16k.yaml";
const std::string kStep = kExamples + "mixtral-8x7b-64-h100.yaml";

/// A server on a free port of this machine that keeps what it is sent. Answers as MLflow's REST
/// reference has it.
class Tracker {
 public:
  explicit Tracker(bool has_experiment = false) : has_experiment_(has_experiment) {
    server_.Get("/api/2.0/mlflow/experiments/get-by-name",
                [this](const httplib::Request& request, httplib::Response& response) {
                  const std::scoped_lock lock(mutex_);
                  asked_for = request.get_param_value("experiment_name");
                  if (has_experiment_) {
                    answer(response, 200, {{"experiment", {{"experiment_id", "7"}}}});
                  } else {
                    answer(response, 404, {{"error_code", "RESOURCE_DOES_NOT_EXIST"}});
                  }
                });
    post("experiments/create", {{"experiment_id", "8"}});
    post("runs/create", {{"run", {{"info", {{"run_id", "abc"}}}}}});
    post("runs/log-batch", json::object());
    post("runs/update", json::object());
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) {
      std::this_thread::yield();
    }
  }
  ~Tracker() {
    server_.stop();
    thread_.join();
  }
  Tracker(const Tracker&) = delete;
  Tracker& operator=(const Tracker&) = delete;

  [[nodiscard]] std::string uri() const { return "http://127.0.0.1:" + std::to_string(port_); }

  /// From now on this is all it says.
  void refuse(int status, std::string body) {
    refusal_ = std::move(body);
    status_ = status;
  }

  struct Sent {
    std::string what;
    json body;
  };
  std::vector<Sent> sent;
  std::string asked_for, authorization;

 private:
  static void answer(httplib::Response& response, int status, const json& body) {
    response.status = status;
    response.set_content(body.dump(), "application/json");
  }

  void post(const std::string& what, const json& reply) {
    server_.Post("/api/2.0/mlflow/" + what,
                 [this, what, reply](const httplib::Request& request, httplib::Response& response) {
                   const std::scoped_lock lock(mutex_);
                   authorization = request.get_header_value("Authorization");
                   sent.push_back({what, json::parse(request.body)});
                   if (status_ != 0) {
                     response.status = status_;
                     response.set_content(refusal_, "application/json");
                   } else {
                     answer(response, 200, reply);
                   }
                 });
  }

  bool has_experiment_;
  std::atomic<int> status_ = 0;
  std::string refusal_;
  std::mutex mutex_;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

double value_of(const json& metrics, const std::string& key) {
  for (const json& m : metrics) {
    if (m.at("key") == key) {
      return m.at("value").get<double>();
    }
  }
  ADD_FAILURE() << "no metric " << key;
  return 0.0;
}

TEST(ExportMetrics, CsvHasTheFiguresOfSimulateAndRun) {
  const Outcome o = gpuplan("export-metrics " + kRun);
  ASSERT_EQ(o.code, 0) << o.err;
  const calib::CsvTable table = calib::parse_csv(o.out, "metrics.csv");
  const auto value = [&table](const std::string& name) {
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      if (table.rows[i][0] == name) {
        return table.number(i, table.required_column("value"));
      }
    }
    ADD_FAILURE() << name;
    return 0.0;
  };
  const json step = json::parse(gpuplan("simulate " + kRun + " --json").out);
  const json run = json::parse(gpuplan("run " + kRun + " --json").out);
  EXPECT_DOUBLE_EQ(value("step_time_s"), step.at("step_time_s").get<double>());
  EXPECT_DOUBLE_EQ(value("breakdown_s/bubble"), step.at("breakdown_s").at("bubble").get<double>());
  EXPECT_NEAR(value("run_p95_s") / 86400, run.at("days_p95").get<double>(), 1e-9);
  EXPECT_DOUBLE_EQ(value("run_cost_usd"), run.at("cost_run").at("usd").get<double>());
  EXPECT_DOUBLE_EQ(value("run_carbon_g"), 1000 * run.at("carbon_kg").get<double>());
}

TEST(ExportMetrics, PrometheusTextFollowsItsFormatAndNames) {
  const Outcome o =
      gpuplan("export-metrics " + kRun + " --format prometheus --set 'name=a \"b\" \\c'");
  ASSERT_EQ(o.code, 0) << o.err;
  const std::regex help("# HELP (gpuplan_[a-z0-9_]+) [^\\n]+"),
      type("# TYPE (gpuplan_[a-z0-9_]+) gauge");
  const std::regex sample(
      "(gpuplan_[a-z0-9_]+)\\{scenario=\"a \\\\\"b\\\\\" \\\\\\\\c\"(,part=\"[a-z_]+\")?\\} "
      "(-?[0-9][0-9.e+-]*)");
  const std::regex unit(
      ".*_(seconds|bytes|ratio|watts|joules|grams|usd|gpus|tokens|second|interruptions)");
  std::set<std::string> helped, typed, series;
  std::istringstream lines(o.out);
  std::smatch m;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_match(line, m, help)) {
      EXPECT_TRUE(helped.insert(m[1]).second) << "two HELP lines: " << line;
      EXPECT_TRUE(std::regex_match(m[1].str(), unit)) << line;
    } else if (std::regex_match(line, m, type)) {
      EXPECT_TRUE(typed.insert(m[1]).second) << line;
    } else {
      ASSERT_TRUE(std::regex_match(line, m, sample)) << line;
      EXPECT_TRUE(typed.contains(m[1])) << "no TYPE before " << line;
      EXPECT_TRUE(series.insert(m[1].str() + m[2].str()).second) << "twice: " << line;
    }
  }
  EXPECT_EQ(helped, typed);
  EXPECT_GT(series.size(), 30U);
  EXPECT_TRUE(series.contains("gpuplan_step_part_seconds,part=\"gemm\""));
}

TEST(ExportMetrics, MlflowGetsARunWithMetricsAndParameters) {
  Tracker tracker;
  const Outcome o = gpuplan("export-metrics " + kStep +
                            " --format mlflow --experiment 'a b&c' --uri " + tracker.uri() + "/");
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_THAT(o.out, HasSubstr("run abc"));
  EXPECT_EQ(tracker.asked_for, "a b&c");
  ASSERT_EQ(tracker.sent.size(), 5U);
  EXPECT_EQ(tracker.sent[0].what, "experiments/create");
  EXPECT_EQ(tracker.sent[0].body.at("name"), "a b&c");
  EXPECT_EQ(tracker.sent[1].what, "runs/create");
  EXPECT_EQ(tracker.sent[1].body.at("experiment_id"), "8");
  EXPECT_EQ(tracker.sent[1].body.at("run_name"), "Mixtral 8x7B on 64 H100");
  const json& metrics = tracker.sent[2].body.at("metrics");
  const json step = json::parse(gpuplan("simulate " + kStep + " --json").out);
  EXPECT_EQ(tracker.sent[2].body.at("run_id"), "abc");
  EXPECT_DOUBLE_EQ(value_of(metrics, "mfu"), step.at("mfu").get<double>());
  EXPECT_EQ(metrics[0].at("timestamp"), tracker.sent[1].body.at("start_time"));
  EXPECT_THAT(tracker.sent[3].body.at("params").dump(),
              HasSubstr(R"({"key":"layout.pp","value":"4"})"));
  EXPECT_EQ(tracker.sent[4].what, "runs/update");
  EXPECT_EQ(tracker.sent[4].body.at("status"), "FINISHED");
  EXPECT_EQ(tracker.authorization, "");
}

TEST(ExportMetrics, AnExperimentThatIsThereIsUsed) {
  Tracker tracker(/*has_experiment=*/true);
  ASSERT_EQ(gpuplan("export-metrics " + kStep + " --format mlflow --uri " + tracker.uri()).code, 0);
  EXPECT_EQ(tracker.sent.at(0).what, "runs/create");
  EXPECT_EQ(tracker.sent.at(0).body.at("experiment_id"), "7");
}

TEST(ExportMetrics, LargeRunsAreSentInPieces) {
  Tracker tracker(true);
  scenarios::MlflowRun run{
      .experiment = "e", .name = "n", .time_ms = 1, .metrics = {}, .params = {}, .tags = {}};
  for (int i = 0; i < 1001; ++i) {
    run.metrics.emplace_back("m" + std::to_string(i), i);
    run.params.emplace_back("p" + std::to_string(i), std::string(300, 'x'));
  }
  scenarios::send_run({.uri = tracker.uri(), .token = "secret"}, run);
  std::size_t metrics = 0, params = 0;
  for (const Tracker::Sent& s : tracker.sent) {
    if (s.what == "runs/log-batch") {
      EXPECT_LE(s.body.value("metrics", json::array()).size(), 1000U);
      EXPECT_LE(s.body.value("params", json::array()).size(), 100U);
      metrics += s.body.value("metrics", json::array()).size();
      params += s.body.value("params", json::array()).size();
    }
  }
  EXPECT_EQ(metrics, 1001U);
  EXPECT_EQ(params, 1001U);
  EXPECT_EQ(tracker.sent[3].body.at("params")[0].at("value").get<std::string>().size(), 250U);
  EXPECT_EQ(tracker.authorization, "Bearer secret");
}

TEST(ExportMetrics, ARefusalIsThreeAndSaysWhy) {
  Tracker tracker(true);
  tracker.refuse(403, R"({"message": "Permission denied"})");
  const Outcome o = gpuplan("export-metrics " + kStep + " --format mlflow --uri " + tracker.uri());
  EXPECT_EQ(o.code, 3);
  EXPECT_THAT(o.err, HasSubstr("refuses (HTTP 403): Permission denied; set MLFLOW_TRACKING_TOKEN"));
  tracker.refuse(500, "boom");
  EXPECT_THAT(gpuplan("export-metrics " + kStep + " --format mlflow --uri " + tracker.uri()).err,
              HasSubstr("answers HTTP 500 to /api/2.0/mlflow/runs/create"));
  tracker.refuse(200, "<html>");
  EXPECT_THAT(gpuplan("export-metrics " + kStep + " --format mlflow --uri " + tracker.uri()).err,
              HasSubstr("not as an MLflow tracking server does"));
}

TEST(ExportMetrics, AServerThatIsNotThereIsThree) {
  std::string uri;
  {
    const Tracker gone;
    uri = gone.uri();
  }
  const Outcome o = gpuplan("export-metrics " + kStep + " --format mlflow --uri " + uri);
  EXPECT_EQ(o.code, 3);
  EXPECT_THAT(o.err, HasSubstr("the tracking server " + uri + " does not answer"));
}

TEST(ExportMetrics, WrongOptionsAreTwo) {
  unsetenv("MLFLOW_TRACKING_URI");
  Outcome o = gpuplan("export-metrics " + kStep + " --format mlflow");
  EXPECT_EQ(o.code, 2);
  EXPECT_THAT(o.err, HasSubstr("--uri"));
  o = gpuplan("export-metrics " + kStep + " --format mlflow --uri localhost:5000");
  EXPECT_EQ(o.code, 2);
  EXPECT_THAT(o.err, HasSubstr("http://localhost:5000"));
  EXPECT_EQ(gpuplan("export-metrics " + kStep + " --format mlflow --uri http://h --out f").code, 2);
}

}  // namespace
