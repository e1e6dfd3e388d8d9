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
    names.push_back(entry.path().stem());
  }
  return names;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, ExamplePrintsWhatItPrintedBefore) {
  const std::filesystem::path example = kRepository / "scenarios/examples" / (GetParam() + ".yaml");
  const std::filesystem::path expected =
      kRepository / "tests/scenarios/golden" / (GetParam() + ".txt");
  const std::string printed = run(std::string(GPUPLAN_COMMAND) + " simulate " + example.string());
  if (std::getenv("GPUPLAN_WRITE_GOLDEN") != nullptr) {
    std::ofstream(expected) << printed;
  }
  std::ifstream file(expected);
  EXPECT_EQ(printed, std::string(std::istreambuf_iterator<char>(file), {}));
}

INSTANTIATE_TEST_SUITE_P(Examples, Golden, testing::ValuesIn(examples()), [](const auto& i) {
  std::string name = i.param;
  for (char& c : name) {
    c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  }
  return name;
});

}  // namespace
