#include "topology/import/nccl_xml.hpp"

#include <filesystem>
#include <string>

#include "topology/cluster.hpp"
#include "topology/graph_summary.hpp"

#include "tests/scenarios/messages.hpp"

namespace topology {
namespace {

using ::testing::HasSubstr;

const std::string kRoot = std::string(GPUPLAN_SOURCE_DIR) + "/";
const std::string kDump = kRoot + "tests/topology/data/nvswitch_dump.xml";

/// PCI devices of one machine with a CPU, from line 2 on.
NcclSystem parse(const std::string& inside) {
  return parse_nccl_xml("<system version=\"1\"><cpu numaid=\"0\">\n" + inside + "</cpu></system>",
                        "topo.xml");
}
std::string pci(const std::string& bus, const std::string& pci_class, const std::string& more = {},
                const std::string& inside = {}) {
  return "<pci busid=\"" + bus + "\" class=\"" + pci_class + "\" " + more + ">" + inside +
         "</pci>\n";
}
std::string message(const std::string& inside) {
  return refusal([&] { (void)parse(inside); });
}
double gigabytes(units::BytesPerSecond rate) {
  return rate.in(units::gigabytes_per_second(1));
}

TEST(NcclXml, ReadsADumpOfAnNvswitchMachine) {
  const NcclSystem system = read_nccl_xml(kDump);
  const auto gpus = system.of_kind(NcclSystem::PciKind::Gpu);
  ASSERT_EQ(gpus.size(), 2U);
  EXPECT_EQ(system.of_kind(NcclSystem::PciKind::Switch).size(), 2U);
  ASSERT_EQ(system.of_kind(NcclSystem::PciKind::Nic).size(), 1U);
  EXPECT_EQ(system.nvlinks_of(gpus[0]), 12);
  EXPECT_EQ(system.pci[2].compute_capability, 80);
  EXPECT_EQ(system.pci[3].bus_id, "0000:0c:00.0");
  ASSERT_EQ(system.nets.size(), 2U);
  EXPECT_TRUE(system.nets[0].gpu_direct);
  EXPECT_DOUBLE_EQ(system.nets[0].megabits, 200'000);
  // NCCL takes 10 Gbit/s where a driver says -1.
  EXPECT_DOUBLE_EQ(system.nets[1].megabits, 10'000);
  EXPECT_EQ(system.nets[1].pci, -1);
}

TEST(NcclXml, MissingSpeedAndWidthAreThoseThatNcclTakes) {
  const NcclSystem system = read_nccl_xml(kDump);
  const NcclSystem::Pci& gpu = system.pci[4];
  EXPECT_FALSE(gpu.speed_given);
  EXPECT_DOUBLE_EQ(gpu.gigatransfers, 8);
  EXPECT_EQ(gpu.width, 16);
  const NcclSystem odd = parse(pci("a", "0x03", "link_speed=\"Unknown speed\" link_width=\"8\""));
  EXPECT_DOUBLE_EQ(odd.pci[0].gigatransfers, 8);
  EXPECT_EQ(odd.pci[0].width, 8);
}

// NCCL_MODEL: PCIe 3.0 x16 is 12 GB/s to NCCL, others by generation and width. By the standard,
// 8 GT/s x 16 lanes x 128/130 / 8 = 15.75 GB/s.
TEST(NcclXml, PcieRatesFollowGenerationAndWidth) {
  const auto rate = [](const std::string& speed, const std::string& width) {
    return pcie_rate(
        parse(pci("a", "0x03", "link_speed=\"" + speed + "\" link_width=\"" + width + "\""))
            .pci[0]);
  };
  EXPECT_DOUBLE_EQ(gigabytes(rate("8 GT/s", "16").nccl), 12);
  EXPECT_DOUBLE_EQ(gigabytes(rate("16.0 GT/s PCIe", "16").nccl), 24);
  EXPECT_DOUBLE_EQ(gigabytes(rate("32 GT/s", "8").nccl), 24);
  EXPECT_DOUBLE_EQ(gigabytes(rate("2.5 GT/s", "16").nccl), 3.75);
  EXPECT_NEAR(gigabytes(rate("8 GT/s", "16").nominal), 15.75, 0.01);
  EXPECT_NEAR(gigabytes(rate("32.0 GT/s PCIe", "16").nominal), 63.02, 0.01);
  EXPECT_DOUBLE_EQ(gigabytes(rate("5 GT/s", "16").nominal), 8);  // 8b/10b
}

// NCCL_MODEL: per link V100 20, A100 20, H100 20.6, B200 40.1 GB/s; data sheets 25, 25, 25 and 50.
TEST(NcclXml, NvlinkRatesFollowTheGpu) {
  EXPECT_DOUBLE_EQ(gigabytes(nvlink_rate(70).nccl), 20);
  EXPECT_DOUBLE_EQ(gigabytes(nvlink_rate(90).nccl), 20.6);
  EXPECT_DOUBLE_EQ(gigabytes(nvlink_rate(100).nccl), 40.1);
  EXPECT_DOUBLE_EQ(gigabytes(nvlink_rate(90).nominal), 25);
  EXPECT_DOUBLE_EQ(gigabytes(nvlink_rate(100).nominal), 50);
  EXPECT_DOUBLE_EQ(gigabytes(nvlink_rate(std::nullopt).nccl), 20);
}

TEST(NcclXml, DistancesAreThoseOfTheTree) {
  const std::string leaf = pci("g0", "0x0302") + pci("n0", "0x0200");
  const NcclSystem system =
      parse(pci("s", "0x0604", "", pci("t", "0x0604", "", leaf) + pci("n1", "0x0200")) +
            pci("n2", "0x0207") + "</cpu><cpu numaid=\"1\">" + pci("n3", "0x0200"));
  const auto from_gpu = [&](int nic) { return name(distance(system, 2, nic)); };
  EXPECT_EQ(from_gpu(3), "PIX");  // both under t
  EXPECT_EQ(from_gpu(4), "PXB");  // over t and s
  EXPECT_EQ(from_gpu(5), "PHB");
  EXPECT_EQ(from_gpu(6), "SYS");
  EXPECT_EQ(name(distance(system, 4, 2)), "PXB");  // the same from the other side
}

TEST(NcclXml, TheGraphHoldsEveryLinkOnce) {
  const DeviceGraph graph = device_graph(read_nccl_xml(kDump));
  EXPECT_EQ(graph.count(VertexKind::Gpu), 2U);
  EXPECT_EQ(graph.count(VertexKind::Nic), 1U);
  EXPECT_EQ(graph.count(VertexKind::ScaleUpSwitch), 1U);  // all NVSwitches are one
  EXPECT_EQ(graph.count(VertexKind::Host), 2U);
  double nvlink = 0;
  for (const auto& cable : graph.cables) {
    if (graph.devices[cable.to].kind == VertexKind::ScaleUpSwitch) {
      nvlink += gigabytes(cable.bandwidth);
    }
  }
  EXPECT_DOUBLE_EQ(nvlink, 2 * 300);  // A100: 12 links of 25 GB/s
  EXPECT_EQ(summarise(graph).parts, 1U);
}

TEST(NcclXml, LinksBetweenGpusStandTwiceInTheFileAndOnceInTheGraph) {
  const auto gpu = [](const std::string& own, const std::string& other) {
    return pci(
        own, "0x0302", "",
        "<gpu sm=\"70\"><nvlink target=\"" + other + "\" count=\"2\" tclass=\"0x030200\"/></gpu>");
  };
  const DeviceGraph graph = device_graph(parse(gpu("a", "b") + gpu("b", "a")));
  int links = 0;
  for (const auto& cable : graph.cables) {
    const bool both = graph.devices[cable.from].kind == VertexKind::Gpu &&
                      graph.devices[cable.to].kind == VertexKind::Gpu;
    links += both ? cable.count : 0;
  }
  EXPECT_EQ(links, 2);
}

TEST(NcclXml, RefusesWithFileAndLine) {
  EXPECT_THAT(message(pci("a", "0x0302") + pci("a", "0x0302")),
              HasSubstr("topo.xml:3: pci: the bus id \"a\" is there twice"));
  EXPECT_THAT(message("<pci class=\"0x0302\"/>"), HasSubstr("topo.xml:2: pci: it has no busid"));
  EXPECT_THAT(message("<pci busid=\"a\"/>"), HasSubstr("it has no class"));
  EXPECT_THAT(message(pci("a", "0x0302", "link_width=\"x\"")),
              HasSubstr("link_width is \"x\", expected a number"));
  EXPECT_THAT(message(pci("a", "0x0302", "link_width=\"99999999999\"")),
              HasSubstr("from 0 to 1024"));
  EXPECT_THAT(message(pci("a", "0x0200")), HasSubstr("there is no GPU in this file"));
  EXPECT_THAT(message("<gpu/>"), HasSubstr("gpu: it stands outside of a <pci>"));
  EXPECT_THAT(message(pci("a", "0x0302", "", "<gpu><nvlink target=\"b\" count=\"1\"/></gpu>")),
              HasSubstr("topo.xml:2: target: there is no PCI device \"b\""));
  EXPECT_THAT(message(pci("a", "0x0302", "", "<gpu><nvlink target=\"b\"/></gpu>")),
              HasSubstr("nvlink: it has no count"));
  EXPECT_THAT(message("<pci"), HasSubstr("not well-formed XML"));
  EXPECT_THAT(refusal([] { (void)parse_nccl_xml("<graphml/>", "topo.xml"); }),
              HasSubstr("found <graphml>, expected <system>"));
}

class NcclSamples : public ::testing::Test {
 protected:
  static NcclSystem read(const std::string& name) {
    return read_nccl_xml(kRoot + "../shared/formats/nccl_topo/" + name);
  }
  void SetUp() override {
    if (!std::filesystem::exists(kRoot + "../shared/formats/nccl_topo")) {
      GTEST_SKIP() << "../shared/formats/nccl_topo is not there";
    }
  }
};

// AWS p4d: two GPUs and a NIC under each of four PCIe 3.0 switches.
TEST_F(NcclSamples, AwsP4d) {
  const NcclSystem system = read("aws_p4d_8xA100-topo.xml");
  const auto gpus = system.of_kind(NcclSystem::PciKind::Gpu);
  const auto nics = system.of_kind(NcclSystem::PciKind::Nic);
  ASSERT_EQ(gpus.size(), 8U);
  ASSERT_EQ(nics.size(), 4U);
  EXPECT_EQ(system.of_kind(NcclSystem::PciKind::Switch).size(), 4U);
  EXPECT_EQ(name(distance(system, gpus[1], nics[0])), "PIX");
  EXPECT_EQ(name(distance(system, gpus[1], nics[1])), "PHB");
  EXPECT_EQ(name(distance(system, gpus[1], nics[2])), "SYS");
}

// Azure ND H100 v5: a GPU and a NIC under each of eight PCIe 5.0 switches, without ids.
TEST_F(NcclSamples, AzureNdV5) {
  const NcclSystem system = read("azure_ndv5_8xH100-topo.xml");
  const auto gpus = system.of_kind(NcclSystem::PciKind::Gpu);
  const auto nics = system.of_kind(NcclSystem::PciKind::Nic);
  ASSERT_EQ(gpus.size(), 8U);
  ASSERT_EQ(nics.size(), 8U);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(name(distance(system, gpus[i], nics[i])), "PIX");
    EXPECT_DOUBLE_EQ(gigabytes(pcie_rate(system.pci[static_cast<std::size_t>(gpus[i])]).nccl), 48);
  }
  EXPECT_EQ(summarise(device_graph(system)).parts, 1U);
}

}  // namespace
}  // namespace topology
