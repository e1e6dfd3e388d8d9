// Each example and the table that `gpuplan simulate` prints for it. A changed table is a reviewed
// change: look at the difference, then write the files anew with  GPUPLAN_WRITE_GOLDEN=1 ctest -R
// Golden.
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

const std::filesystem::path kRepository = GPUPLAN_SOURCE_DIR;

std::string run(const std::string& command) {
  std::string out;
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  for (int c = 0; pipe != nullptr && (c = std::fgetc(pipe.get())) != EOF;) {
    out += static_cast<char>(c);
  }
  return out;
}

std::vector<std::string> examples() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(kRepository / "scenarios/examples")) {
    if (entry.is_regular_file()) {
      names.push_back(entry.path().stem());
    }
  }
  return names;
}

/// Compares what a command prints with a file, or writes the file.
void expect_golden(const std::string& arguments, const std::string& name) {
  const std::filesystem::path expected = kRepository / "tests/scenarios/golden" / (name + ".txt");
  const std::string printed = run(std::string(GPUPLAN_COMMAND) + " " + arguments);
  if (std::getenv("GPUPLAN_WRITE_GOLDEN") != nullptr) {
    std::ofstream(expected) << printed;
  }
  std::ifstream file(expected);
  EXPECT_EQ(printed, std::string(std::istreambuf_iterator<char>(file), {}));
}

/// The network examples by flow simulation; the one with hashed routes takes seconds.
TEST(GoldenComparison, NetworksOfOneStepDifferAsTheyDidBefore) {
  std::string files;
  for (const char* name : {"400g", "800g", "oversubscribed", "ecmp", "lost-spine"}) {
    files += (kRepository / "scenarios/examples/network" / name).string() + ".yaml ";
  }
  expect_golden("compare --fidelity flow " + files, "network-comparison");
}

TEST(GoldenComparison, ANeighbourOnTheFabricSlowsTheStepAsItDidBefore) {
  const auto example = kRepository / "scenarios/examples/network/neighbour.yaml";
  expect_golden("simulate --fidelity flow " + example.string(), "network-neighbour");
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, ExamplePrintsWhatItPrintedBefore) {
  const auto example = kRepository / "scenarios/examples" / (GetParam() + ".yaml");
  expect_golden("simulate " + example.string(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Examples, Golden, testing::ValuesIn(examples()), [](const auto& i) {
  std::string name = i.param;
  for (char& c : name) {
    c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  }
  return name;
});

}  // namespace
