// Claims of the market as scenarios (scenarios/examples/claims): each file says in its first lines
// what is claimed, which commands were run, what they found and why that differs. The tests run the
// commands and hold the files and docs/claims.md to what they print. After a reviewed change of a
// prediction: GPUPLAN_WRITE_CLAIMS=1 ctest -R Claims writes the figures anew.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/scenarios/run_gpuplan.hpp"

namespace {

using nlohmann::json;

const std::filesystem::path kClaims =
    std::filesystem::path(GPUPLAN_SOURCE_DIR) / "scenarios/examples/claims";
const std::filesystem::path kTable = std::filesystem::path(GPUPLAN_SOURCE_DIR) / "docs/claims.md";

bool writing() {
  return std::getenv("GPUPLAN_WRITE_CLAIMS") != nullptr;
}

/// "label: value unit [N /pointer over M /pointer]"
struct Finding {
  std::string label, value, unit, where;
  [[nodiscard]] std::string text() const {
    return label + ": " + value + (unit.empty() ? "" : " " + unit);
  }
};

/// The first lines of a file, by their keys; a line without one goes on with the line before.
struct Claim {
  std::string claim, why;
  std::vector<std::string> runs;
  std::vector<Finding> findings;
};

Finding finding_of(const std::string& text) {
  static const std::regex kShape(R"((.+): (\S+) ?([^\[]*?) ?\[(.+)\])");
  std::smatch m;
  if (!std::regex_match(text, m, kShape)) {
    ADD_FAILURE() << "no finding: " << text;
    return {};
  }
  return {m[1], m[2], m[3], m[4]};
}

Claim read_claim(const std::filesystem::path& file) {
  std::vector<std::pair<std::string, std::string>> entries;
  std::ifstream in(file);
  static const std::regex kKey("# (Claim|Run|Finds|Why): (.*)");
  for (std::string line; std::getline(in, line) && line.starts_with("#");) {
    std::smatch m;
    if (std::regex_match(line, m, kKey)) {
      entries.emplace_back(m[1], m[2]);
    } else if (line.starts_with("#   ") && !entries.empty()) {
      entries.back().second += line.substr(3);
    }
  }
  Claim c;
  for (const auto& [key, text] : entries) {
    if (key == "Claim") {
      c.claim = text;
    } else if (key == "Why") {
      c.why = text;
    } else if (key == "Run") {
      c.runs.push_back(text);
    } else {
      c.findings.push_back(finding_of(text));
    }
  }
  return c;
}

/// What each command prints as JSON; a job that does not fit is a finding, too.
std::vector<json> run_all(const Claim& c, const std::string& file) {
  std::vector<json> results;
  for (std::string run : c.runs) {
    const std::string here = "THIS";
    if (const std::size_t at = run.find(here); at != std::string::npos) {
      run.replace(at, here.size(), file);
    }
    const Outcome o = gpuplan(run + " --json", kClaims);
    EXPECT_LE(o.code, 1) << run << "\n" << o.err;
    results.push_back(o.code <= 1 ? json::parse(o.out) : json());
  }
  return results;
}

/// "N /pointer" or "N /pointer over M /pointer".
double look_up(const std::string& where, const std::vector<json>& results) {
  std::istringstream words(where);
  std::size_t run = 0;
  std::string pointer, over;
  words >> run >> pointer >> over;
  const double value = results.at(run - 1).at(json::json_pointer(pointer)).get<double>();
  if (over.empty()) {
    return value;
  }
  std::string rest;
  std::getline(words, rest);
  return value / look_up(rest, results);
}

/// In its unit, with the digits that a claim deserves.
std::string written(double value, const std::string& unit) {
  static const std::map<std::string, double> kUnits{{"%", 0.01},
                                                    {"MW", 1e6},
                                                    {"GiB", 0x1p30},
                                                    {"TB", 1e12},
                                                    {"million USD", 1e6},
                                                    {"billion USD", 1e9},
                                                    {"thousand USD", 1e3},

                                                    {"GB/s", 1e9},
                                                    {"h", 3600.0},
                                                    {"trillion", 1e12},
                                                    {"billion", 1e9},
                                                    {"min", 60.0},
                                                    {"days", 1.0},
                                                    {"s", 1.0},
                                                    {"x", 1.0},
                                                    {"", 1.0}};
  const auto scale = kUnits.find(unit);
  if (scale == kUnits.end()) {
    ADD_FAILURE() << "unknown unit " << unit;
    return {};
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value / scale->second);
  if (std::string(text).find('e') != std::string::npos) {
    std::snprintf(text, sizeof text, "%.0f", value / scale->second);
  }
  return text;
}

std::vector<std::string> names() {
  std::vector<std::string> list;
  for (const auto& entry : std::filesystem::directory_iterator(kClaims)) {
    list.push_back(entry.path().stem());
  }
  std::sort(list.begin(), list.end());
  return list;
}

/// Puts `value` in the place of the finding's value.
void rewrite(const std::filesystem::path& file, const Finding& f, const std::string& value) {
  std::string text = contents(file);
  const std::string before = "# Finds: " + f.label + ": ";
  const std::size_t at = text.find(before + f.value);
  ASSERT_NE(at, std::string::npos) << "a finding must stand on one line: " << f.label;
  text.replace(at + before.size(), f.value.size(), value);
  std::ofstream(file) << text;
}

/// One row for each claim, after the heading of the table in docs/claims.md.
std::string table() {
  std::string out;
  for (const std::string& name : names()) {
    const Claim c = read_claim(kClaims / (name + ".yaml"));
    std::string found;
    for (const Finding& f : c.findings) {
      found += (found.empty() ? "" : "; ") + f.text();
    }
    out += "| " + c.claim + " | " + found + " | " + c.why + " | [" + name +
           "](../scenarios/examples/claims/" + name + ".yaml) |\n";
  }
  return out;
}

const std::string kHeading = "|---|---|---|---|\n";

/// The rows that docs/claims.md has.
std::string table_rows() {
  const std::string text = contents(kTable);
  const std::size_t begin = text.find(kHeading);
  if (begin == std::string::npos) {
    return "no table in " + kTable.string();
  }
  const std::size_t first = begin + kHeading.size();
  return text.substr(first, text.find("\n\n", begin) + 1 - first);
}

void write_table() {
  std::string text = contents(kTable);
  const std::size_t first = text.find(kHeading) + kHeading.size();
  text.replace(first, table_rows().size(), table());
  std::ofstream(kTable) << text;
}

class Claims : public testing::TestWithParam<std::string> {};

TEST_P(Claims, FindWhatTheirFilesSay) {
  const std::filesystem::path file = kClaims / (GetParam() + ".yaml");
  const Claim c = read_claim(file);
  ASSERT_FALSE(c.claim.empty());
  ASSERT_FALSE(c.why.empty());
  ASSERT_FALSE(c.findings.empty());
  const std::vector<json> results = run_all(c, file.filename());
  for (const Finding& f : c.findings) {
    const std::string value = written(look_up(f.where, results), f.unit);
    if (writing()) {
      rewrite(file, f, value);
    } else {
      EXPECT_EQ(value, f.value) << f.label;
    }
  }
  if (writing()) {
    write_table();
  }
}

INSTANTIATE_TEST_SUITE_P(All, Claims, testing::ValuesIn(names()), [](const auto& i) {
  std::string name = i.param;
  for (char& c : name) {
    c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  }
  return name;
});

TEST(ClaimsTable, HoldsEveryClaimAsItsFileHasIt) {
  if (writing()) {
    write_table();
  }
  EXPECT_EQ(table_rows(), table());
}

}  // namespace
