// The points of a sweep, its worker processes and its command.
#include "scenarios/sweep/sweep.hpp"

#include <chrono>
#include <csignal>
#include <map>
#include <set>
#include <thread>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "scenarios/sweep/store.hpp"
#include "scenarios/sweep/sweep_plan.hpp"
#include "scenarios/sweep/worker_pool.hpp"

#include "tests/scenarios/messages.hpp"
#include "tests/scenarios/run_gpuplan.hpp"

namespace {

using scenarios::SweepPlan;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kExamples = std::string(GPUPLAN_SOURCE_DIR) + "/scenarios/examples/";
const std::string kHead = "scenario: " + kExamples + "llama3-405b-16k.yaml\n";

SweepPlan plan(const std::string& text) {
  const TemporaryFiles files;
  return SweepPlan(files.write("sweep.yaml", kHead + text));
}

std::vector<std::string> values(const SweepPlan& p, std::size_t axis) {
  std::vector<std::string> all;
  for (std::uint64_t i = 0; i < p.size(); ++i) {
    all.push_back(p.point(i)[axis].dump());
  }
  return all;
}

TEST(SweepPlan, RangesHaveTheValuesThatTheyMean) {
  EXPECT_THAT(values(plan("vary: {a: {from: 1, to: 2, step: 0.25}}"), 0),
              ElementsAre("1", "1.25", "1.5", "1.75", "2"));
  EXPECT_THAT(values(plan("vary: {a: {from: 0.1, to: 0.3, step: 0.1}}"), 0),
              ElementsAre("0.1", "0.2", "0.3"));
  EXPECT_THAT(values(plan("vary: {a: {from: 1024, to: 16384, factor: 4}}"), 0),
              ElementsAre("1024", "4096", "16384"));
  EXPECT_THAT(values(plan("vary: {a: {from: 200 Gbit/s, to: 800 Gbit/s, points: 3}}"), 0),
              ElementsAre("\"200 Gbit/s\"", "\"500 Gbit/s\"", "\"800 Gbit/s\""));
  EXPECT_THAT(values(plan("vary: {a: {from: 1, to: 100, points: 3, log: true}}"), 0),
              ElementsAre("1", "10", "100"));
  EXPECT_THAT(values(plan("vary: {a: {from: 1, to: 3, points: 9, whole: true}}"), 0),
              ElementsAre("1", "2", "3"));
}

TEST(SweepPlan, AGridHasEveryCombinationOnceAndTheLastValueRunsFastest) {
  const SweepPlan p = plan("vary: {layout.tp: [4, 8], training.precision: [bf16, fp8, fp16]}");
  ASSERT_EQ(p.size(), 6U);
  EXPECT_THAT(p.sets(1), ElementsAre("layout.tp=4", "training.precision=fp8"));
  EXPECT_THAT(p.sets(3), ElementsAre("layout.tp=8", "training.precision=bf16"));
}

TEST(SweepPlan, ATornadoMovesOneValueAtATime) {
  const SweepPlan p = plan("sample: tornado\nvary: {a: {from: 1, to: 5}, b: [x, y, z]}");
  ASSERT_EQ(p.size(), 5U);
  EXPECT_THAT(p.sets(0), ElementsAre());
  EXPECT_THAT(p.sets(1), ElementsAre("a=1"));
  EXPECT_THAT(p.sets(2), ElementsAre("a=5"));
  EXPECT_THAT(p.sets(3), ElementsAre("b=x"));
  EXPECT_THAT(p.sets(4), ElementsAre("b=z"));
}

TEST(SweepPlan, SamplesFillTheirRangesAndRepeat) {
  for (const char* sample : {"random", "sobol"}) {
    const std::string text =
        std::string("sample: {") + sample +
        ": 64}\nvary: {a: {from: 10, to: 20}, b: {from: 1, to: 1000, log: true}}";
    const SweepPlan p = plan(text);
    ASSERT_EQ(p.size(), 64U);
    double mean = 0.0;
    int below_geometric_middle = 0;
    for (std::uint64_t i = 0; i < p.size(); ++i) {
      const double a = p.point(i)[0].get<double>();
      EXPECT_GE(a, 10.0);
      EXPECT_LE(a, 20.0);
      mean += a / 64.0;
      below_geometric_middle += p.point(i)[1].get<double>() < 31.6 ? 1 : 0;
    }
    EXPECT_NEAR(mean, 15.0, 1.2) << sample;
    EXPECT_NEAR(below_geometric_middle, 32, 10) << sample;
    EXPECT_EQ(values(p, 0), values(plan(text), 0));
  }
}

TEST(SweepPlan, RefusesWhatCannotBeSwept) {
  const auto refused = [](const std::string& text) { return refusal([&] { (void)plan(text); }); };
  EXPECT_THAT(refused("vary: {a: {from: 5, to: 1, step: 1}}"),
              AllOf(HasSubstr("sweep.yaml:2"), HasSubstr("expected more than from")));
  EXPECT_THAT(refused("vary: {a: {from: 1 us, to: 5 ms, step: 1}}"), HasSubstr("unit of from"));
  EXPECT_THAT(refused("vary: {a: {from: 1, to: 5}}"), HasSubstr("needs step, points or factor"));
  EXPECT_THAT(refused("vary: {a: {from: 1, to: 1e9, step: 1e-9}}"), HasSubstr("more than"));
  EXPECT_THAT(refused("vary: {a: {from: 0, to: 5, factor: 2}}"), HasSubstr("starts above 0"));
  EXPECT_THAT(refused("vary: {a: {from: 1, to: 5, setp: 1}}"), HasSubstr("setp"));
  EXPECT_THAT(refused("vary: {a: []}"), HasSubstr("vary"));
  EXPECT_THAT(refusal([] { (void)scenarios::read_shard("8/8"); }), HasSubstr("expected I/N"));
}

TEST(WorkerPool, LosesOnlyThePieceOverWhichAProcessDied) {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t i = 0; i < 100; ++i) {
    numbers.push_back(i);
  }
  std::map<std::uint64_t, std::string> answers;
  std::map<std::uint64_t, std::string> crashes;
  scenarios::run_pool(
      numbers, {.workers = 3,
                .work =
                    [](std::uint64_t n) {
                      if (n % 40 == 7) {
                        ::raise(SIGKILL);
                      }
                      return std::string(n, 'x');
                    },
                .done = [&](std::uint64_t n, std::string a) { answers[n] = std::move(a); },
                .crashed = [&](std::uint64_t n, std::string how) { crashes[n] = std::move(how); },
                .go_on = [] { return true; }});
  EXPECT_EQ(answers.size(), 97U);
  EXPECT_EQ(answers[99], std::string(99, 'x'));
  ASSERT_EQ(crashes.size(), 3U);
  EXPECT_THAT(crashes[47], HasSubstr("signal 9"));
}

/// A sweep of 1,200 points, most of a second.
std::string some_sweep(const TemporaryFiles& files) {
  return files
      .write("sweep.yaml", kHead +
                               "vary:\n  training.sequence_length: [4096, 8192, 8193]\n"
                               "  cluster.overrides.nic.bandwidth: {from: 100 Gbit/s, to: 800 "
                               "Gbit/s, points: 400}\n")
      .string();
}

std::string exported(const std::filesystem::path& store) {
  const Outcome o = gpuplan("export " + store.string());
  EXPECT_EQ(o.code, 0) << o.err;
  return o.out;
}

TEST(Sweep, KilledAndResumedEqualsUndisturbedAndSharded) {
  const TemporaryFiles files;
  const std::string sweep = some_sweep(files);
  const std::filesystem::path whole = files.directory() / "whole.sqlite";
  const Outcome undisturbed = gpuplan("sweep " + sweep + " --jobs 2 --store " + whole.string());
  ASSERT_EQ(undisturbed.code, 0) << undisturbed.err;
  EXPECT_THAT(undisturbed.out, HasSubstr("1,200 simulated"));
  const std::string expected = exported(whole);

  const std::filesystem::path killed = files.directory() / "killed.sqlite";
  const std::string run = "sweep " + sweep + " --jobs 2 --resume --store " + killed.string();
  bool cut_short = false;
  for (int attempt = 0; attempt < 20 && !cut_short; ++attempt) {
    // kill -9 after some of the points, however fast the machine is.
    const Outcome o = gpuplan(run + " & pid=$!; sleep 0." + std::to_string(2 + attempt) +
                              "; kill -9 $pid; wait $pid");
    cut_short = o.code == 137 && std::filesystem::exists(killed) &&
                scenarios::Store::open(killed).size() < 1200;
  }
  ASSERT_TRUE(cut_short);
  EXPECT_EQ(gpuplan(run).code, 0);
  EXPECT_EQ(exported(killed), expected);

  std::string shards;
  for (int i = 0; i < 8; ++i) {
    const std::string store = (files.directory() / ("shard" + std::to_string(i))).string();
    const Outcome o =
        gpuplan("sweep " + sweep + " --store " + store + " --shard " + std::to_string(i) + "/8");
    EXPECT_EQ(o.code, 0) << o.err;
    shards += " " + store;
  }
  const std::filesystem::path merged = files.directory() / "merged.sqlite";
  EXPECT_EQ(gpuplan("merge" + shards + " --out " + merged.string()).code, 0);
  EXPECT_EQ(exported(merged), expected);
}

TEST(Sweep, InterruptedSaysHowToGoOn) {
  const TemporaryFiles files;
  const std::string sweep = some_sweep(files);
  const std::string store = (files.directory() / "s.sqlite").string();
  const Outcome o = gpuplan("sweep " + sweep + " --jobs 1 --resume --store " + store +
                            " & pid=$!; sleep 0.2; kill -TERM $pid; wait $pid");
  EXPECT_EQ(o.code, 3);
  EXPECT_THAT(o.err, HasSubstr("interrupted; what is done is kept, go on with --resume"));
}

TEST(Sweep, KeepsWhatIsInvalidAndWhatDoesNotFitAsResults) {
  const TemporaryFiles files;
  const std::string sweep =
      files
          .write("sweep.yaml",
                 kHead + "vary: {layout.tp: [7, 8], training.sequence_length: [8192, 65536]}\n")
          .string();
  const std::string store = (files.directory() / "s.sqlite").string();
  const Outcome o = gpuplan("sweep " + sweep + " --json --store " + store);
  ASSERT_EQ(o.code, 0) << o.err;
  const auto counts = nlohmann::json::parse(o.out);
  EXPECT_EQ(counts["ok"], 1);
  EXPECT_EQ(counts["does_not_fit"], 1);
  EXPECT_EQ(counts["invalid"], 2);
  EXPECT_THAT(exported(store), HasSubstr("7 does not divide 128 attention heads"));
}

TEST(Sweep, RefusesAStoreOfAnotherSweepAndOneThatIsThere) {
  const TemporaryFiles files;
  const std::string one =
      files.write("one.yaml", kHead + "vary: {training.micro_batch: [1]}\n").string();
  const std::string two =
      files.write("two.yaml", kHead + "vary: {training.micro_batch: [2]}\n").string();
  const std::string store = (files.directory() / "s.sqlite").string();
  ASSERT_EQ(gpuplan("sweep " + one + " --store " + store).code, 0);
  const Outcome again = gpuplan("sweep " + one + " --store " + store);
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("go on with it by --resume"));
  const Outcome other = gpuplan("sweep " + two + " --resume --store " + store);
  EXPECT_EQ(other.code, 2);
  EXPECT_THAT(other.err, HasSubstr("the store is of another sweep"));
  const Outcome no_store = gpuplan("export " + one);
  EXPECT_EQ(no_store.code, 2);
  EXPECT_THAT(no_store.err, HasSubstr("no store of gpuplan sweep"));
}

TEST(Sweep, ScriptsForClustersNameEveryShard) {
  const TemporaryFiles files;
  const std::string sweep = some_sweep(files);
  const Outcome slurm = gpuplan("sweep " + sweep + " --store out.sqlite --emit slurm --shards 8");
  ASSERT_EQ(slurm.code, 0) << slurm.err;
  EXPECT_EQ(std::system(("bash -n " + files.write("job.sh", slurm.out).string()).c_str()), 0);
  EXPECT_THAT(slurm.out, AllOf(HasSubstr("--array=0-7"),
                               HasSubstr("--shard $SLURM_ARRAY_TASK_ID/8 --resume")));
  const Outcome k8s = gpuplan("sweep " + sweep + " --store out.sqlite --emit k8s --shards 4");
  EXPECT_THAT(k8s.out, AllOf(HasSubstr("completionMode: Indexed"), HasSubstr("completions: 4")));
}

TEST(Sensitivity, FindsTheIndicesOfAFunctionThatIsKnown) {
  const TemporaryFiles files;
  const SweepPlan p(files.write(
      "sweep.yaml",
      kHead + "sample: {sensitivity: 512}\nvary: {a: {from: 0, to: 1}, b: {from: 0, to: 1}}\n"));
  const std::filesystem::path file = files.directory() / "s.sqlite";
  {
    scenarios::Store store = scenarios::Store::create(
        file,
        {.name = "known", .definition = p.definition(), .points = p.size(), .axes = {"a", "b"}});
    std::vector<scenarios::PointResult> rows;
    for (std::uint64_t i = 0; i < p.size(); ++i) {
      const auto point = p.point(i);
      rows.push_back({.id = i,
                      .settings = nlohmann::ordered_json(point).dump(),
                      .values = {3.0 * point[0].get<double>() + point[1].get<double>()}});
    }
    store.add(rows);
  }
  const Outcome o = gpuplan("sensitivity " + file.string() + " --json");
  ASSERT_EQ(o.code, 0) << o.err;
  const auto indices = nlohmann::json::parse(o.out)["indices"];
  EXPECT_EQ(indices[0]["axis"], "a");  // 3 a + b: variances 9/12 and 1/12
  EXPECT_NEAR(indices[0]["first_order"].get<double>(), 0.9, 0.02);
  EXPECT_NEAR(indices[0]["total"].get<double>(), 0.9, 0.02);
  EXPECT_NEAR(indices[1]["first_order"].get<double>(), 0.1, 0.02);
}

TEST(Sensitivity, TornadoShowsTheWidestBarFirst) {
  const TemporaryFiles files;
  const std::string store = (files.directory() / "t.sqlite").string();
  ASSERT_EQ(gpuplan("sweep " + kExamples + "sweep/tornado.yaml --store " + store).code, 0);
  const Outcome o = gpuplan("sensitivity " + store);
  ASSERT_EQ(o.code, 0) << o.err;
  EXPECT_LT(o.out.find("training.sequence_length"), o.out.find("cluster.overrides.nic.bandwidth"));
  const Outcome wrong = gpuplan("sensitivity " + store + " --metric step_time");
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("did you mean \"step_time_s\"?"));
}

// Nodes, network and idle accelerators draw power however slow the clock, and power above idle
// falls with its cube: neither the highest nor the lowest cap trains a token with the least energy.
TEST(Sweep, PowerCapsHaveAnOptimumBetweenTheirEnds) {
  const TemporaryFiles files;
  const std::string store = (files.directory() / "caps.sqlite").string();
  ASSERT_EQ(gpuplan("sweep " + kExamples + "sweep/power-caps.yaml --store " + store).code, 0);
  const Outcome o = gpuplan("export " + store + " --format json");
  const auto points = nlohmann::json::parse(o.out)["points"];
  ASSERT_EQ(points.size(), 17U);  // 300 to 700 W
  std::size_t best = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto energy = [&](std::size_t k) { return points[k]["energy_j_per_step"].get<double>(); };
    best = energy(i) < energy(best) ? i : best;
    if (i > 0) {
      EXPECT_LE(points[i]["step_time_s"], points[i - 1]["step_time_s"]);
      EXPECT_GE(points[i]["power_w"], points[i - 1]["power_w"]);
    }
  }
  EXPECT_GT(best, 0U);
  EXPECT_LT(best, points.size() - 1);
}

TEST(Sweep, ExportsASpreadsheetThatOpens) {
  const TemporaryFiles files;
  const std::string store = (files.directory() / "t.sqlite").string();
  ASSERT_EQ(gpuplan("sweep " + kExamples + "sweep/layouts.yaml --store " + store).code, 0);
  const std::string file = (files.directory() / "t.xlsx").string();
  ASSERT_EQ(gpuplan("export " + store + " --format xlsx --out " + file).code, 0);
  EXPECT_EQ(contents(file).substr(0, 2), "PK");
  EXPECT_FALSE(std::filesystem::exists(file + ".part"));
  EXPECT_EQ(gpuplan("export " + store + " --format xlsx --out /nonexistent/t.xlsx").code, 3);
}

}  // namespace
