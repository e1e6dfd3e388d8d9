// What the rows of both kinds of tables mean.
#include "calib/collective_tables.hpp"

#include <string>

#include <gtest/gtest.h>

#include "calib/csv.hpp"
#include "topology/error.hpp"

namespace {

using calib::Algorithm;
using calib::MeasuredCollective;
using topology::NetworkKind;

const std::string kKernelHeader =
    "accelerator,nccl_version,collective,gpus,dtype,elements,bytes,latency_us\n";
const std::string kPublishedHeader =
    "id,system,gpus,nodes,interconnect,library,algo_proto,collective,bytes,time_us,algbw_GBps,"
    "busbw_GBps\n";

MeasuredCollective kernel(const std::string& row) {
  return calib::measured_collectives(calib::parse_csv(kKernelHeader + row + "\n", "kernel.csv"))
      .at(0);
}
MeasuredCollective published(const std::string& row) {
  return calib::measured_collectives(calib::parse_csv(kPublishedHeader + row + "\n", "sweep.csv"))
      .at(0);
}

double nic_gbit(const MeasuredCollective& row) {
  return row.nic_bandwidth.in(units::gigabits_per_second(1));
}

TEST(KernelTable, StaysInsideOneDomain) {
  const auto row = kernel("H100-SXM5-80GB,2.27.3,alltoall,8,half,256,512,9.5");
  EXPECT_EQ(row.accelerator, "h100-sxm");
  EXPECT_EQ(row.op, calib::Collective::AllToAll);
  EXPECT_EQ(row.ranks, 8);
  EXPECT_EQ(row.per_domain, 8);
  EXPECT_DOUBLE_EQ(row.time.in(units::microseconds(1)), 9.5);
  EXPECT_TRUE(row.allowed.has(Algorithm::Nvls));
  EXPECT_TRUE(row.reason.empty());
}

TEST(KernelTable, ExcludesInSwitchReductionOfInt8) {
  const auto row = kernel("B200-SXM,2.28.9,all_reduce,8,int8,512,512,9.5");
  EXPECT_FALSE(row.allowed.has(Algorithm::Nvls));
  EXPECT_TRUE(row.allowed.has(Algorithm::Ring));
}

TEST(KernelTable, SaysWhyARowIsLeftOut) {
  EXPECT_NE(kernel("Abacus,1,all_reduce,8,half,1,2,9").reason.find("Abacus"), std::string::npos);
  EXPECT_NE(kernel("B200-SXM,1,gossip,8,half,1,2,9").reason.find("gossip"), std::string::npos);
}

TEST(PublishedTable, ReadsNodesAndNicRates) {
  const auto row =
      published("a,8xH100 + 8x NDR400 IB,32,4,IB NDR 400G x8,NCCL,auto,all_reduce,1024,50,,");
  EXPECT_EQ(row.per_domain, 8);
  EXPECT_EQ(row.network, NetworkKind::Infiniband);
  EXPECT_DOUBLE_EQ(nic_gbit(row), 400.0);
  EXPECT_FALSE(row.nic_assumed);
  const auto efa =
      published("b,8xA100-80 p4de + EFA 4x100G,16,2,EFA v1 400 Gb/s,NCCL,auto,all_reduce,8,164,,");
  EXPECT_EQ(efa.network, NetworkKind::Efa);
  EXPECT_DOUBLE_EQ(nic_gbit(efa), 50.0);
  const auto tcp =
      published("c,8xH100 a3-megagpu-8g,16,2,GPUDirect-TCPXO 8x200G,NCCL,auto,all_gather,256,87,,");
  EXPECT_EQ(tcp.network, NetworkKind::Ethernet);
  EXPECT_DOUBLE_EQ(nic_gbit(tcp), 200.0);
}

TEST(PublishedTable, KeepsARackInOneDomain) {
  const auto one =
      published("a,GB200 NVL72 rack,72,18,NVLink5 NVL72,NCCL,NVLS,all_reduce,1024,50,,");
  EXPECT_EQ(one.per_domain, 72);
  const auto two = published(
      "b,\"GB200 NVL72, 2 racks\",144,36,NVLink5 in rack + IB NDR 400G per "
      "GPU,NCCL,auto,all_reduce,1024,50,,");
  EXPECT_EQ(two.per_domain, 72);
  EXPECT_DOUBLE_EQ(nic_gbit(two), 400.0);
}

TEST(PublishedTable, DerivesTimeFromBusbw) {
  // 1 GB all-reduced by 8 ranks at busbw 175 GB/s: algbw = 175 / (2 * 7 / 8) = 100 GB/s, 10 ms.
  const auto row = published("a,8xH200,8,1,NVLink4,NCCL,Ring,all_reduce,1000000000,,,175");
  EXPECT_NEAR(row.time.in(units::milliseconds(1)), 10.0, 1e-9);
  EXPECT_FALSE(row.allowed.has(Algorithm::Nvls));
}

TEST(PublishedTable, SaysWhyARowIsLeftOut) {
  EXPECT_NE(
      published("a,8xB200,16,2,IB,NCCL,CollNet with SHARP,all_reduce,8,1,,").reason.find("SHARP"),
      std::string::npos);
  EXPECT_NE(published("a,8xB200,16,2,IB,NCCL,auto,all_reduce,,1,,").reason.find("size"),
            std::string::npos);
  EXPECT_NE(published("a,8xB200,16,2,IB,NCCL,auto,all_reduce,8,,,").reason.find("time"),
            std::string::npos);
}

TEST(AnyTable, IsRefusedWithPlaceAndRemedy) {
  EXPECT_THROW(calib::measured_collectives(calib::parse_csv("a,b\n1,2\n", "x.csv")),
               topology::InputError);
  EXPECT_THROW(kernel("H100-SXM5-80GB,2.27.3,alltoall,8,half,256,many,9.5"), topology::InputError);
  EXPECT_THROW(kernel("H100-SXM5-80GB,2.27.3,alltoall,8,half,256,-512,9.5"), topology::InputError);
  EXPECT_THROW(kernel("H100-SXM5-80GB,2.27.3,alltoall,2.5,half,256,512,9.5"), topology::InputError);
}

}  // namespace
