// Jobs on a shared cluster: schedules computed by hand, and the waiting times of queueing theory.
#include <cmath>

#include <gtest/gtest.h>

#include "sim/queue/cluster_queue.hpp"
#include "sim/queue/job_streams.hpp"
#include "sim/queue/node_pool.hpp"

namespace sim {
namespace {

using units::seconds;

QueuedJob some_job(double arrival, double runtime, int gpus, int priority = 0) {
  return {
      .arrival = seconds(arrival), .runtime = seconds(runtime), .gpus = gpus, .priority = priority};
}

double start_of(const QueueCourse& c, std::size_t job) {
  return c.jobs[job].start.in(seconds(1));
}

const QueueCluster kTwoNodes{.nodes = 2, .gpus_per_node = 8};

// A (8 GPUs, 10 s) runs, B wants both nodes and waits for A's end at 10, C (8 GPUs, 5 s) fits
// beside A.
TEST(Queue, BackfillsWhatDoesNotDelayTheFirst) {
  const std::vector<QueuedJob> jobs{some_job(0, 10, 8), some_job(1, 10, 16), some_job(2, 5, 8)};
  const QueueCourse fifo = run_queue(kTwoNodes, jobs, QueuePolicy::Fifo);
  EXPECT_EQ(start_of(fifo, 1), 10);
  EXPECT_EQ(start_of(fifo, 2), 20);
  const QueueCourse easy = run_queue(kTwoNodes, jobs, QueuePolicy::Backfill);
  EXPECT_EQ(start_of(easy, 2), 2);
  EXPECT_EQ(start_of(easy, 1), 10);
  // 10 x 8 + 10 x 16 + 5 x 8 GPU-seconds of 16 GPUs over 20 s.
  EXPECT_DOUBLE_EQ(easy.utilisation, (80.0 + 160 + 40) / (16 * 20));
}

// The same with a C of 9 s: it would end at 11 and delay B.
TEST(Queue, DoesNotBackfillWhatWouldDelayTheFirst) {
  const std::vector<QueuedJob> jobs{some_job(0, 10, 8), some_job(1, 10, 16), some_job(2, 9, 8)};
  const QueueCourse easy = run_queue(kTwoNodes, jobs, QueuePolicy::Backfill);
  EXPECT_EQ(start_of(easy, 1), 10);
  EXPECT_EQ(start_of(easy, 2), 20);
}

TEST(Queue, BackfillsByWhatOwnersAskFor) {
  std::vector<QueuedJob> jobs{some_job(0, 10, 8), some_job(1, 10, 16), some_job(2, 5, 8)};
  jobs[2].estimate = seconds(60);
  EXPECT_EQ(start_of(run_queue(kTwoNodes, jobs, QueuePolicy::Backfill), 2), 20);
}

TEST(Queue, HigherPrioritiesGoFirst) {
  const std::vector<QueuedJob> jobs{some_job(0, 10, 16), some_job(1, 10, 16),
                                    some_job(2, 10, 16, 5)};
  const QueueCourse c = run_queue(kTwoNodes, jobs, QueuePolicy::Fifo);
  EXPECT_EQ(start_of(c, 2), 10);
  EXPECT_EQ(start_of(c, 1), 20);
}

// Four accelerators are free on each node, but a gang of 8 needs one node.
TEST(Queue, FreeAcceleratorsOnSeveralNodesMakeNoGang) {
  QueueCluster cluster = kTwoNodes;
  const std::vector<QueuedJob> jobs{some_job(0, 10, 5), some_job(0, 10, 4), some_job(1, 5, 8)};
  const QueueCourse c = run_queue(cluster, jobs, QueuePolicy::Fifo);
  EXPECT_EQ(start_of(c, 1), 0);
  EXPECT_EQ(start_of(c, 2), 10);
  EXPECT_DOUBLE_EQ(c.fragmented, 0.0);  // 7 free are fewer than 8
  const std::vector<QueuedJob> more{some_job(0, 10, 5), some_job(0, 10, 4), some_job(1, 5, 7)};
  EXPECT_DOUBLE_EQ(run_queue(cluster, more, QueuePolicy::Fifo).fragmented, 9.0 / 15.0);
}

TEST(Queue, SmallJobsGoToTheFullestNode) {
  NodePool pool(kTwoNodes);
  const Seats first = pool.take(3);
  EXPECT_EQ(pool.take(2).nodes, first.nodes);
  EXPECT_TRUE(pool.fits(8));
  EXPECT_EQ(pool.take(8).nodes.size(), 1U);
  EXPECT_FALSE(pool.fits(4));
  EXPECT_TRUE(pool.fits(3));
}

TEST(Queue, GangsStayUnderOneLeafWhereTheyCan) {
  const QueueCluster cluster{.nodes = 8, .gpus_per_node = 8, .nodes_per_leaf = 4};
  const std::vector<QueuedJob> jobs{some_job(0, 10, 8), some_job(0, 10, 32), some_job(0, 10, 24)};
  const QueueCourse c = run_queue(cluster, jobs, QueuePolicy::Fifo);
  EXPECT_EQ(c.jobs[1].leaves, 1);  // the leaf that the first job left alone
  EXPECT_EQ(c.jobs[2].leaves, 1);
  const QueueCourse wide = run_queue(cluster, {some_job(0, 1, 48)}, QueuePolicy::Fifo);
  EXPECT_EQ(wide.jobs[0].leaves, 2);
}

// Half of the nodes from hour 1 on; a job that runs keeps its node, so inference gets its node when
// the job ends after one and a half hours.
TEST(Queue, InferenceTakesNodesAsTheyFallFree) {
  QueueCluster cluster = kTwoNodes;
  cluster.inference.fill(0.5);
  cluster.inference[0] = 0.0;
  const std::vector<QueuedJob> jobs{some_job(0, 5400, 16), some_job(1, 1800, 8),
                                    some_job(2, 1800, 8)};
  const QueueCourse c = run_queue(cluster, jobs, QueuePolicy::Backfill);
  EXPECT_EQ(start_of(c, 1), 5400);
  EXPECT_EQ(start_of(c, 2), 7200);
  EXPECT_DOUBLE_EQ(c.inference_share, 0.5 * 3600 / 9000);
  EXPECT_DOUBLE_EQ(c.inference_missed, 0.5 * 1800 / 9000);
}

// 9 trials of 60 s, the best 3 for 120 s more, the best one for 360 s more; one node of 8 GPUs runs
// trials of 8 GPUs one after the other.
TEST(Queue, SuccessiveHalvingHasItsRungs) {
  std::vector<QueuedJob> jobs;
  EXPECT_EQ(append_search({.trials = 9, .keep = 3, .gpus = 8, .first = seconds(60)}, 0, jobs), 3);
  ASSERT_EQ(jobs.size(), 13U);
  const QueueCourse c = run_queue({.nodes = 3, .gpus_per_node = 8}, jobs, QueuePolicy::Backfill);
  EXPECT_EQ(start_of(c, 9), 180);   // 9 trials on 3 nodes: three rounds
  EXPECT_EQ(start_of(c, 12), 300);  // 3 trials at once
  EXPECT_DOUBLE_EQ(c.makespan.in(seconds(1)), 180 + 120 + 360);
}

/// Mean wait of one-GPU jobs on `servers` at utilisation `load`, service time 1 s.
double simulated_wait(int servers, double load, int jobs) {
  const auto list = poisson_jobs(
      {.per_second = load * servers, .until = seconds(jobs / (load * servers)), .seed = 7},
      {{.gpus = 1, .mean_runtime = seconds(1)}});
  return run_queue({.nodes = servers, .gpus_per_node = 1}, list, QueuePolicy::Fifo)
      .mean_wait.in(seconds(1));
}

// M/M/1: rho / (mu - lambda), 4 s at 80 %; half a million jobs are within 5 %.
TEST(Queue, OneServerWaitsAsTheTextbookSays) {
  EXPECT_NEAR(simulated_wait(1, 0.8, 500'000), 4.0, 0.2);
}

// M/M/c: C(c, a) / (c mu - lambda) with Erlang's C; c = 10 at 90 %: C = 0.6687, wait 0.6687 s.
TEST(Queue, TenServersWaitAsErlangSays) {
  const double a = 9.0;
  double sum = 0.0;
  double term = 1.0;
  for (int k = 0; k < 10; ++k) {
    sum += term;
    term *= a / (k + 1);
  }
  const double erlang = term / (1 - 0.9) / (sum + term / (1 - 0.9));
  EXPECT_NEAR(erlang, 0.6687, 1e-4);
  EXPECT_NEAR(simulated_wait(10, 0.9, 500'000), erlang / (10 - 9), 0.04);
}

TEST(Queue, SameSeedSameJobs) {
  const std::vector<JobClass> classes{
      {.weight = 3, .gpus = 8, .mean_runtime = seconds(100), .spread = 2},
      {.weight = 1, .gpus = 64, .mean_runtime = seconds(500), .spread = 0}};
  const Arrivals a{.per_second = 0.01, .until = seconds(1e6), .seed = 3};
  const auto one = poisson_jobs(a, classes);
  const auto two = poisson_jobs(a, classes);
  ASSERT_EQ(one.size(), two.size());
  EXPECT_NEAR(static_cast<double>(one.size()), 1e4, 300);  // three standard deviations
  double small = 0;
  double runtime = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    EXPECT_EQ(one[i].runtime, two[i].runtime);
    small += one[i].gpus == 8 ? 1 : 0;
    runtime += one[i].gpus == 8 ? one[i].runtime.in(seconds(1)) : 0;
  }
  EXPECT_NEAR(small / static_cast<double>(one.size()), 0.75, 0.02);
  EXPECT_NEAR(runtime / small, 100, 10);  // log-normal with a coefficient of variation of 2
}

// A low job on both nodes from 0; at 4 a high one wants a node for 3 s. Checkpoints every 3 s: one
// second of work is lost. From 7 on the low one has its nodes again, restarts for 1 s and trains
// the 7 s that are left.
TEST(Preemption, CostsTheWorkSinceTheLastCheckpointAndTheRestart) {
  const std::vector<QueuedJob> jobs{some_job(0, 10, 16), some_job(4, 3, 8, 5)};
  const QueueCourse c =
      run_queue(kTwoNodes, jobs, QueuePolicy::Backfill,
                Preemption{.checkpoint_every = seconds(3), .restart = seconds(1)});
  EXPECT_EQ(start_of(c, 1), 4);
  EXPECT_EQ(start_of(c, 0), 0);
  EXPECT_EQ(c.jobs[0].end.in(seconds(1)), 15);
  EXPECT_EQ(c.jobs[0].preempted, 1);
  EXPECT_EQ(c.jobs[0].lost.in(seconds(1)), 2);
  EXPECT_EQ(c.preemptions, 1);
  EXPECT_DOUBLE_EQ(c.lost, 2.0 * 16 / ((4 + 8) * 16 + 3 * 8));
}

TEST(Preemption, LosesNothingButTheRestartWhereAJobSavesItself) {
  const std::vector<QueuedJob> jobs{some_job(0, 10, 16), some_job(4, 3, 8, 5)};
  const QueueCourse c =
      run_queue(kTwoNodes, jobs, QueuePolicy::Fifo, Preemption{.restart = seconds(1)});
  EXPECT_EQ(c.jobs[0].end.in(seconds(1)), 14);
  EXPECT_EQ(c.jobs[0].lost.in(seconds(1)), 1);
}

TEST(Preemption, SparesEqualsAndThoseThatAreNotInTheWay) {
  const Preemption rules{};
  // Two jobs of 8; a third of higher priority stops the one that started last.
  const std::vector<QueuedJob> two{some_job(0, 10, 8), some_job(1, 10, 8), some_job(2, 5, 8, 1)};
  const QueueCourse later = run_queue(kTwoNodes, two, QueuePolicy::Fifo, rules);
  EXPECT_EQ(later.jobs[0].preempted, 0);
  EXPECT_EQ(later.jobs[1].preempted, 1);
  EXPECT_EQ(later.jobs[1].end.in(seconds(1)), 16);  // 1 s done, on at 7 for the other 9
  // Of the same priority it waits.
  const std::vector<QueuedJob> equal{some_job(0, 10, 8), some_job(1, 10, 8), some_job(2, 5, 8)};
  EXPECT_EQ(run_queue(kTwoNodes, equal, QueuePolicy::Fifo, rules).preemptions, 0);
  // A whole node is wanted; the small job shares its node with one of high priority, so stopping
  // it would not help, and the other node's job is stopped alone.
  const std::vector<QueuedJob> shared{some_job(0, 20, 8), some_job(0, 20, 4, 9), some_job(1, 20, 4),
                                      some_job(2, 5, 8, 5)};
  const QueueCourse c = run_queue(kTwoNodes, shared, QueuePolicy::Fifo, rules);
  EXPECT_EQ(c.jobs[0].preempted, 1);
  EXPECT_EQ(c.jobs[2].preempted, 0);
  EXPECT_EQ(start_of(c, 3), 2);
}

TEST(Preemption, StopsNobodyWhereThatWouldNotHelp) {
  const std::vector<QueuedJob> jobs{some_job(0, 10, 8, 9), some_job(0, 10, 8),
                                    some_job(1, 5, 16, 5)};
  const QueueCourse c = run_queue(kTwoNodes, jobs, QueuePolicy::Fifo, Preemption{});
  EXPECT_EQ(c.preemptions, 0);
  EXPECT_EQ(start_of(c, 2), 10);
}

TEST(Preemption, EveryJobTrainsItsWholeRuntime) {
  std::vector<QueuedJob> jobs = poisson_jobs(
      {.per_second = 0.02, .until = seconds(50'000), .seed = 11},
      {{.weight = 3, .gpus = 8, .mean_runtime = seconds(400)},
       {.weight = 1, .gpus = 16, .mean_runtime = seconds(200), .priority = 1, .kind = 1}});
  const QueueCourse c =
      run_queue({.nodes = 12, .gpus_per_node = 8}, jobs, QueuePolicy::Backfill,
                Preemption{.checkpoint_every = seconds(60), .restart = seconds(20)});
  EXPECT_GT(c.preemptions, 20);
  double held = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const JobCourse& j = c.jobs[i];
    EXPECT_GE((j.end - j.start).base() + 1e-6, jobs[i].runtime.base() + j.lost.base());
    EXPECT_EQ(j.preempted > 0, j.lost > seconds(0)) << i;
    held += jobs[i].gpus * (jobs[i].runtime + j.lost).base();
  }
  EXPECT_NEAR(c.utilisation, held / (12 * 8 * c.makespan.base()), 1e-9);
}

TEST(Queue, QuantilesOfWaits) {
  std::vector<QueuedJob> jobs;
  for (int i = 0; i < 10; ++i) {
    jobs.push_back(some_job(0, 1, 16));
  }
  const QueueCourse c = run_queue(kTwoNodes, jobs, QueuePolicy::Fifo);
  const auto q = wait_quantiles(c, {0.5, 0.95, 1.0});
  EXPECT_EQ(q[0].in(seconds(1)), 4);
  EXPECT_EQ(q[1].in(seconds(1)), 9);
  EXPECT_EQ(q[2].in(seconds(1)), 9);
}

}  // namespace
}  // namespace sim
