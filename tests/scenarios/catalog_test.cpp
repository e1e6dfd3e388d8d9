#include "scenarios/catalog.hpp"

#include <algorithm>
#include <string>

#include "tests/scenarios/messages.hpp"
#include "tests/scenarios/temporary_files.hpp"

namespace {

using scenarios::Catalog;
using testing::HasSubstr;

const std::filesystem::path kDirectory =
    std::filesystem::path(GPUPLAN_SOURCE_DIR) / "scenarios" / "catalog";

TEST(Catalog, AcceleratorsKnowTheSourceOfEachFigure) {
  const auto h100 = Catalog(kDirectory).accelerator("h100-sxm");
  EXPECT_NEAR(h100.peak_for(topology::Precision::Bf16).in(units::teraflops_per_second(1)), 989,
              1);  // H100 white paper, dense
  EXPECT_EQ(h100.memory, units::gibibytes(80));
  EXPECT_EQ(h100.scale_up.domain, 8);
  EXPECT_FALSE(h100.figures.at("peak.bf16").source.empty());
  EXPECT_FALSE(h100.figures.at("scale_up.latency").as_of.empty());
}

TEST(Catalog, OtherSpellingsOfAnAcceleratorAreKnown) {
  const Catalog catalog(kDirectory);
  EXPECT_EQ(catalog.accelerator("H100-SXM5-80GB").id, "h100-sxm");
  EXPECT_EQ(catalog.accelerator_id("a100"), "a100-80");
  EXPECT_EQ(catalog.accelerator_id("abacus"), std::nullopt);
}

TEST(Catalog, MissingEntriesNameTheNearest) {
  const Catalog catalog(kDirectory);
  EXPECT_THAT(refusal([&] {
                (void)catalog.model("llama3-405b", {"job.yaml", 3, 8});
              }),
              HasSubstr("job.yaml:3:8: there is no model \"llama3-405b\" in the catalog; did you "
                        "mean \"llama3.1-405b\""));
  EXPECT_THAT(refusal([&] {
                (void)catalog.cluster({"superpod-h1000", {}, {}, {}});
              }),
              HasSubstr("\"superpod-h100\""));
  EXPECT_THAT(refusal([&] { (void)catalog.model("../accelerators/h100-sxm"); }),
              HasSubstr("there is no model"));
  EXPECT_THAT(refusal([&] { (void)catalog.accelerator("qqqqqqqqq"); }),
              HasSubstr("see gpuplan catalog accelerators"));
}

TEST(Catalog, ClustersTakeAnySizeAndOverrides) {
  const Catalog catalog(kDirectory);
  const auto big = catalog.cluster({"superpod-h100", 100'000 / 8 * 8, {}, {}});
  EXPECT_EQ(big.gpus, 100'000);
  EXPECT_EQ(big.gpus_per_node, 8);
  EXPECT_NEAR(big.nic_bandwidth.in(units::gigabits_per_second(1)), 400,
              1e-9);  // DGX H100: eight 400 Gbit/s ports
  const auto slow = catalog.cluster(
      {"superpod-h100", 64, {}, {{"nic.bandwidth", "200 Gbit/s"}, {"scale_up_domain", "4"}}});
  EXPECT_NEAR(slow.nic_bandwidth.in(units::gigabits_per_second(1)), 200, 1e-9);
  EXPECT_EQ(slow.scale_up_domain, 4);
  const auto part = catalog.cluster({"dgx-h100", 4, {}, {}});
  EXPECT_EQ(part.nodes(), 1);
  EXPECT_EQ(part.scale_up_domain, 4);
}

TEST(Catalog, SwappingTheAcceleratorIsSaid) {
  const auto spec = Catalog(kDirectory).cluster({"superpod-h100", 64, "h200-sxm", {}});
  EXPECT_EQ(spec.accelerator.id, "h200-sxm");
  ASSERT_FALSE(spec.assumptions.empty());
  EXPECT_THAT(spec.assumptions.back(), HasSubstr("h200-sxm in place of the h100-sxm"));
}

TEST(Catalog, ImpossibleClustersAreRefusedWithARemedy) {
  const Catalog catalog(kDirectory);
  EXPECT_THAT(refusal([&] {
                (void)catalog.cluster({"dgx-h100", 16, {}, {}});
              }),
              HasSubstr("is one domain of 8 accelerators, found 16"));
  EXPECT_THAT(refusal([&] {
                (void)catalog.cluster({"superpod-h100", 12, {}, {}});
              }),
              HasSubstr("12 is no whole number of nodes of 8; use 8 or 16"));
  EXPECT_THAT(refusal([&] {
                (void)catalog.cluster({"superpod-h100", 64, {}, {{"nic.bandwith", "1 GB/s"}}});
              }),
              HasSubstr("did you mean \"nic.bandwidth\"?"));
  EXPECT_THAT(refusal([&] {
                (void)catalog.cluster({"superpod-h100", 64, {}, {{"nic.bandwidth", "400"}}});
              }),
              HasSubstr("cluster.overrides.nic.bandwidth: \"400\" has no unit"));
}

TEST(Catalog, OtherTorusSizesAreBalancedAndSaid) {
  const auto spec = Catalog(kDirectory).cluster({"tpu-v4-pod", 512, {}, {}});
  EXPECT_EQ(spec.torus, (std::vector<int>{8, 8, 8}));
  EXPECT_THAT(spec.assumptions.back(), HasSubstr("8 x 8 x 8"));
}

TEST(Catalog, ADirectoryWithoutEntriesIsRefused) {
  const TemporaryFiles files;
  EXPECT_THAT(refusal([&] { const Catalog catalog(files.directory()); }),
              HasSubstr("this is no catalog"));
}

TEST(Catalog, BrokenEntriesNameTheirLine) {
  const TemporaryFiles files;
  files.write("models/m.yaml",
              "layers: 2\nhidden: 8\nffn_hidden: 8\nheads: 2\nvocab: 10\nmlp: gatd\n");
  files.write("accelerators/readme.txt", "");
  const Catalog catalog(files.directory());
  EXPECT_THAT(refusal([&] { (void)catalog.model("m"); }),
              HasSubstr("m.yaml:6:6: mlp: found \"gatd\", expected \"plain\" or \"gated\""));
}

}  // namespace
