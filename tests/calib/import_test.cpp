#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "calib/import/any.hpp"
#include "calib/import/gzip.hpp"
#include "calib/import/kineto.hpp"
#include "calib/import/nccl_tests.hpp"
#include "topology/error.hpp"

namespace calib {
namespace {

using testing::HasSubstr;

std::vector<CollectiveMeasurement> collectives(const RunRecords& run) {
  std::vector<CollectiveMeasurement> all;
  for (const auto& line : run.lines) {
    all.push_back(std::get<CollectiveMeasurement>(line.measurement));
  }
  return all;
}

template <class Call>
std::string refusal(const Call& call) {
  try {
    call();
  } catch (const topology::InputError& e) {
    return e.what();
  }
  return "accepted";
}

Description on(const std::string& accelerator, int ranks) {
  Description known;
  known.accelerator = accelerator;
  known.ranks = ranks;
  return known;
}

const std::string kTable =
    "# nccl-tests version 2.17.1 nccl-headers=22703 nccl-library=22703\n"
    "# Collective test starting: reduce_scatter_perf\n"
    "#  Rank  0 Group  0 Pid  11 on     nodeA device  0 [0000:04:00] NVIDIA H100 80GB HBM3\n"
    "#  Rank  1 Group  0 Pid  12 on     nodeB device  0 [0000:05:00] NVIDIA H100 80GB HBM3\n"
    "#                                                 out-of-place                in-place\n"
    "#       size   count  type  redop  root   time  algbw  busbw #wrong  time  algbw busbw "
    "#wrong\n"
    "#        (B)  (elements)                  (us) (GB/s) (GB/s)         (us) (GB/s) (GB/s)\n"
    "        1024     128  float   sum    -1  20.50   0.05   0.03      0  19.0   0.05  0.03    "
    "N/A\n"
    "     1048576  131072  float   sum    -1  99.90  10.50   5.25      7  98.0  10.70  5.35      "
    "0\n"
    "# Out of bounds values : 0 OK\n";

TEST(NcclTests, ReadsWhatWasRunAndEveryPlacement) {
  const RunRecords run = import_nccl_tests(kTable, "out.txt", {});
  const auto rows = collectives(run);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(run.header.machine.accelerator, "h100-sxm");
  EXPECT_EQ(run.header.machine.nodes, 2);
  EXPECT_EQ(run.header.source, "nccl-tests 2.17.1");
  EXPECT_EQ(run.header.software.nccl, "22703");
  EXPECT_EQ(rows[0].op, Collective::ReduceScatter);
  EXPECT_EQ(rows[0].ranks, 2);
  EXPECT_NEAR(rows[0].measured.time / units::microseconds(20.5), 1.0, 1e-12);
  EXPECT_TRUE(rows[0].checked);
  EXPECT_TRUE(rows[1].in_place);
  EXPECT_FALSE(rows[1].checked);
  EXPECT_EQ(rows[2].errors, 7);
  EXPECT_TRUE(rows[2].measured.has(Flag::WrongResult));
  EXPECT_EQ(run.lines[2].line, 9);
  EXPECT_EQ(rows[0].precision, topology::Precision::Fp32);
}

TEST(NcclTests, FindsOperationAndRanksInTheBandwidthsWhereNothingElseTells) {
  // busbw / algbw = 1.875 = 2 * 15 / 16: an all-reduce of 16 ranks.
  const std::string row =
      "0:   1073741824  268435456  float  sum  -1  4607.6  233.04  436.95  0  4565.6  235.18  "
      "440.96  0\n";
  const RunRecords run = import_nccl_tests(row, "run.log", {});
  EXPECT_EQ(collectives(run)[0].op, Collective::AllReduce);
  EXPECT_EQ(collectives(run)[0].ranks, 16);
  EXPECT_EQ(collectives(run)[0].nodes, 2);
  EXPECT_THAT(run.header.notes.at(0), HasSubstr("8 ranks per node assumed"));
}

TEST(NcclTests, AVersionOfTheLibraryThatWasCutOffIsNone) {  // found by libFuzzer
  const std::string cut = std::string("# nccl-tests version 2.17.1 nccl-library=  \n") + kTable;
  EXPECT_EQ(import_nccl_tests(cut, "out.txt", {}).header.software.nccl, "22703");
  EXPECT_THAT(refusal([] { (void)import_nccl_tests("# nccl-library=", "out.txt", {}); }),
              HasSubstr("no row of measurements"));
}

TEST(NcclTests, OldTablesWithoutRootAndWithErrorsAreRead) {
  const std::string old =
      "#       size    count  type  redop    time  algbw  busbw  error    time  algbw  busbw  "
      "error\n"
      "       65536    16384  float   sum   30.00   2.18   3.82  1e-07   29.50   2.22   3.89  "
      "1e-07\n";
  const RunRecords run = import_nccl_tests(old, "all_reduce.txt", on("v100", 8));
  ASSERT_EQ(run.lines.size(), 2U);
  EXPECT_EQ(collectives(run)[0].errors, 0);
}

TEST(NcclTests, ReadsTheJsonOfNcclTests) {
  const std::string json =
      R"({"version":2,"start_time":"2026-11-21 10:00:00","args":["./build/all_gather_perf","-b","8"],
    "nccl_version":22703,"config":{"devices":[
      {"rank":0,"hostname":"a","device_info":"NVIDIA H200"},{"rank":1,"hostname":"a","device_info":"NVIDIA H200"}]},
    "results":[{"size":1024,"count":128,"type":"bfloat16","redop":"none","root":"    -1",
      "out_of_place":{"time":12.5,"alg_bw":0.08,"bus_bw":0.04,"nwrong":0.0},
      "in_place":{"time":12.0,"alg_bw":0.08,"bus_bw":0.04,"nwrong":null}}]})";
  const RunRecords run = import_nccl_tests(json, "x.json", {});
  const auto rows = collectives(run);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].op, Collective::AllGather);
  EXPECT_EQ(rows[0].ranks, 2);
  EXPECT_EQ(rows[0].nodes, 1);
  EXPECT_EQ(run.header.machine.accelerator, "h200-sxm");
  EXPECT_TRUE(rows[0].checked);
  EXPECT_FALSE(rows[1].checked);
}

TEST(NcclTests, ReadsTheJsonOfRcclTests) {
  const std::string json =
      R"([{"numCycle":0,"name":"AllReduce","nodes":1,"ranks":8,"ranksPerNode":8,
    "gpusPerRank":1,"size":4096,"type":"float","redop":"sum","inPlace":1,"time":21.5,"algBw":0.19,"busBw":0.33,"wrong":"0"}])";
  const auto rows = collectives(import_nccl_tests(json, "x.json", on("mi300x", 0)));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].op, Collective::AllReduce);
  EXPECT_EQ(rows[0].ranks, 8);
  EXPECT_TRUE(rows[0].in_place);
}

TEST(NcclTests, SaysWhatIsMissing) {
  const std::string row =
      "  1024  128  float  none  -1  20.5  0.05  0.03  0  19.0  0.05  0.03  0\n";
  EXPECT_THAT(refusal([&] { (void)import_nccl_tests(row, "run.log", {}); }),
              HasSubstr("run.log: does not say which collective was run; add --op"));
  Description gathering;
  gathering.op = Collective::AllGather;
  EXPECT_THAT(refusal([&] { (void)import_nccl_tests(row, "run.log", gathering); }),
              HasSubstr("does not say how many ranks took part; add --ranks"));
  EXPECT_THAT(refusal([] { (void)import_nccl_tests("hello\n", "run.log", {}); }),
              HasSubstr("holds no row of measurements"));
  EXPECT_THAT(refusal([] { (void)import_nccl_tests("{\"results\":[", "x.json", {}); }),
              HasSubstr("is not whole JSON"));
}

// AWS p5 (2 x 8 H100 over EFA) and Google A3 Mega, see ../shared/formats/README.md.
const std::filesystem::path kSamples =
    std::filesystem::path(GPUPLAN_SOURCE_DIR).parent_path() / "shared" / "formats";

TEST(NcclTests, ReadsTheSamplesOfTwoClouds) {
  const auto folder = kSamples / "nccl_tests";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "the samples ../shared/formats are not here";
  }
  const Records aws =
      import_measurements(folder / "aws_2x_p5.48xlarge_16xH100_all_reduce_perf.txt", Description{});
  const Records gcp =
      import_measurements(folder / "gcp_a3mega_2x8xH100_all_gather.txt", Description{});
  EXPECT_EQ(aws.runs[0].lines.size(), 64U);  // 32 sizes, out of place and in place
  const auto a = collectives(aws.runs[0]).back();
  EXPECT_EQ(a.op, Collective::AllReduce);
  EXPECT_EQ(a.ranks, 16);
  EXPECT_EQ(a.nodes, 2);
  EXPECT_EQ(a.system, "p5-ultracluster");
  EXPECT_EQ(gcp.runs[0].lines.size(), 52U);
  const auto g = collectives(gcp.runs[0]).back();
  EXPECT_EQ(g.op, Collective::AllGather);
  EXPECT_EQ(g.ranks, 16);
  EXPECT_EQ(g.system, "a3-mega-cluster");
}

TEST(Tables, AreRecognisedByTheirColumns) {
  const Records gemm =
      import_measurements(std::string("accelerator,dtype,m,n,k,latency_us\nB200-SXM,bfloat16,4,5,6,"
                                      "7.5\nL40S-PCIe,fp8,1,2,3,4\n"),
                          "g.csv", {});
  ASSERT_EQ(gemm.runs.size(), 2U);
  EXPECT_EQ(gemm.runs[0].header.machine.accelerator, "b200-sxm");
  EXPECT_EQ(std::get<GemmMeasurement>(gemm.runs[1].lines[0].measurement).precision,
            topology::Precision::Fp8);
  const Records nccl = import_measurements(
      std::string("accelerator,nccl_version,collective,gpus,dtype,elements,bytes,latency_us\n"
                  "H100-SXM5-80GB,2.27,all_reduce,8,int8,8,8,10\n"),
      "n.csv", {});
  const auto& c = std::get<CollectiveMeasurement>(nccl.runs[0].lines[0].measurement);
  EXPECT_EQ(c.precision, topology::Precision::Int8);
  EXPECT_FALSE(c.algorithm.has_value());
  EXPECT_THAT(refusal([] {
                (void)import_measurements(std::string("a,b\n1,2\n"), "t.csv", {},
                                          MeasurementFormat::Table);
              }),
              HasSubstr("has the columns of no known table of measurements"));
}

const std::string kTrace =
    R"json({"deviceProperties":[{"id":0,"name":"NVIDIA A100-PG509-200","numSms":108}],
  "traceEvents":[
  {"ph":"X","cat":"kernel","name":"void cutlass::Kernel<sm80_gemm>(int)","ts":1,"dur":10,"args":{"stream":7}},
  {"ph":"X","cat":"kernel","name":"void cutlass::Kernel<sm80_gemm>(int)","ts":20,"dur":30,"args":{"stream":7}},
  {"ph":"X","cat":"kernel","name":"ncclDevKernel_AllReduce_Sum_f32","ts":5,"dur":100.5,"args":{"stream":9}},
  {"ph":"X","cat":"gpu_memcpy","name":"Memcpy HtoD","ts":5,"dur":4,"args":{"stream":7}},
  {"ph":"X","cat":"cpu_op","name":"aten::mm","ts":0,"dur":55},
  {"ph":"i","name":"marker","ts":1},{"ph":"X","cat":"cuda_runtime","name":"cudaLaunchKernel","ts":0,"dur":5}]})json";

TEST(Kineto, GivesOperatorsAndKernelsByCategory) {
  const RunRecords run = import_kineto(kTrace, "t.json", {});
  ASSERT_EQ(run.lines.size(), 4U);
  EXPECT_EQ(run.header.machine.accelerator, "a100-80");
  EXPECT_EQ(run.header.machine.sms, 108);
  std::map<std::string, OperatorMeasurement> by_name;
  for (const auto& line : run.lines) {
    const auto& m = std::get<OperatorMeasurement>(line.measurement);
    by_name[m.category.value_or("host")] = m;
  }
  EXPECT_EQ(by_name.at("gemm").count, 2);
  EXPECT_NEAR(by_name.at("gemm").measured.time / units::microseconds(20), 1.0, 1e-12);
  EXPECT_NEAR(*by_name.at("gemm").total / units::microseconds(40), 1.0, 1e-12);
  EXPECT_EQ(by_name.at("collective").stream, 9);
  EXPECT_EQ(by_name.at("copy").op, "Memcpy HtoD");
  EXPECT_FALSE(by_name.at("host").stream.has_value());
  EXPECT_EQ(kernel_category("flash_fwd_kernel"), "attention");
  EXPECT_EQ(kernel_category("vectorized_layer_norm_kernel"), "memory_bound");
  EXPECT_THAT(refusal([] { (void)import_kineto("{\"traceEvents\":[]}", "t.json", {}); }),
              HasSubstr("holds no operator or kernel"));
  EXPECT_THAT(refusal([] { (void)import_kineto("{\"traceEvents\":[", "t.json", {}); }),
              HasSubstr("is not whole JSON"));
}

std::string gzipped(const std::string& text) {
  z_stream z{};
  deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 1000, '\0');
  std::string in = text;
  z.next_in = reinterpret_cast<Bytef*>(in.data());
  z.avail_in = static_cast<uInt>(in.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  deflate(&z, Z_FINISH);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

TEST(Gzip, UnpacksTracesAndRefusesDamageAndBombs) {
  EXPECT_EQ(import_measurements(gzipped(kTrace), "t.json.gz", {}).runs[0].lines.size(), 4U);
  EXPECT_EQ(maybe_gunzip("plain", "t", 100), "plain");
  std::string damaged = gzipped(kTrace);
  damaged.resize(damaged.size() / 2);
  EXPECT_THAT(refusal([&] { (void)maybe_gunzip(damaged, "t.gz", 1U << 20U); }),
              HasSubstr("t.gz: is damaged or cut off"));
  EXPECT_THAT(
      refusal([&] { (void)maybe_gunzip(gzipped(std::string(1U << 20U, 'a')), "t.gz", 1000); }),
      HasSubstr("unpacks to more than 1000 bytes"));
}

Description loaded(Load load) {
  Description known;
  known.load = load;
  return known;
}

PowerMeasurement power_of(const std::string& text, const Description& known) {
  return std::get<PowerMeasurement>(
      import_measurements(text, "p", known, MeasurementFormat::PowerSeries)
          .runs[0]
          .lines[0]
          .measurement);
}

TEST(PowerSeries, ReadsWhatFourToolsWrite) {
  const Description busy = loaded(Load::Compute);
  const PowerMeasurement dmon = power_of(
      "#Entity   POWER   TMPTR\nID          W       C\nGPU 0    600.0    60\nGPU 0    610.0    61\n"
      "GPU 0    N/A      61\nGPU 0    620.0    61\n",
      busy);
  EXPECT_EQ(dmon.power, units::watts(610));
  EXPECT_EQ(dmon.samples, 3);
  EXPECT_EQ(dmon.device, "gpu 0");
  EXPECT_EQ(dmon.duration, units::seconds(3));
  const PowerMeasurement csv =
      power_of("index, power.draw [W]\n0, 71.50 W\n0, 72.50 W\n0, [N/A]\n", busy);
  EXPECT_EQ(csv.power, units::watts(72));
  const PowerMeasurement text = power_of(
      "# HELP DCGM_FI_DEV_POWER_USAGE Power draw (in W).\n# TYPE DCGM_FI_DEV_POWER_USAGE gauge\n"
      "DCGM_FI_DEV_POWER_USAGE{gpu=\"3\",UUID=\"GPU-1\",modelName=\"NVIDIA H200\"} 512.5 1000\n"
      "DCGM_FI_DEV_POWER_USAGE{gpu=\"3\",UUID=\"GPU-1\",modelName=\"NVIDIA H200\"} 513.5 31000\n",
      busy);
  EXPECT_EQ(text.power, units::watts(513));
  EXPECT_EQ(text.duration, units::seconds(30));
  const PowerMeasurement query = power_of(
      R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"DCGM_FI_DEV_POWER_USAGE","gpu":"0","Hostname":"n1"},"values":[[100,"400"],[115,"410"]]}]}})",
      busy);
  EXPECT_EQ(query.power, units::watts(405));
  EXPECT_EQ(query.device, "n1 gpu 0");
  EXPECT_EQ(query.duration, units::seconds(15));
}

TEST(PowerSeries, SaysWhatIsWrong) {
  EXPECT_THAT(refusal([] { (void)power_of("index,power\n0,1\n", {}); }),
              HasSubstr("does not say what the devices did; add --load"));
  EXPECT_THAT(refusal([] { (void)power_of("index,power\n0,-5\n", loaded(Load::Idle)); }),
              HasSubstr("p:2: found -5 as a power"));
  EXPECT_THAT(refusal([] { (void)power_of("index,volts\n0,1\n", loaded(Load::Idle)); }),
              HasSubstr("no column names power"));
}

TEST(Recognise, TellsFormatsApart) {
  EXPECT_EQ(recognise(kTable), MeasurementFormat::NcclTests);
  EXPECT_EQ(recognise(kTrace), MeasurementFormat::Kineto);
  EXPECT_EQ(recognise("{\"type\":\"run\",\"run\":\"a\"}"), MeasurementFormat::Records);
  EXPECT_EQ(recognise("#Entity POWER\n"), MeasurementFormat::PowerSeries);
  EXPECT_EQ(recognise("once upon a time"), std::nullopt);
  EXPECT_EQ(recognise(""), std::nullopt);
}

}  // namespace
}  // namespace calib
