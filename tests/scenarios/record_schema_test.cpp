// The published schema of records and the reader of records agree.
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "calib/records.hpp"
#include "scenarios/schema.hpp"
#include "scenarios/yaml.hpp"
#include "topology/error.hpp"

#include "tests/calib/some_records.hpp"

namespace {

using Json = nlohmann::ordered_json;

bool schema_accepts(const std::string& line) {
  try {
    scenarios::check_schema(scenarios::read_yaml_text(line, "r.jsonl"), "record");
    return true;
  } catch (const topology::InputError&) {
    return false;
  }
}

bool reader_accepts(const Json& line) {
  const Json opening = Json::parse(calib::record_line(some_header()));
  const std::string text =
      line["type"] == "run" ? line.dump() : opening.dump() + "\n" + line.dump();
  try {
    (void)calib::parse_records(text + "\n", "r.jsonl");
    return true;
  } catch (const topology::InputError&) {
    return false;
  }
}

void expect_agreement(const Json& line, bool accepted, const std::string& what) {
  EXPECT_EQ(schema_accepts(line.dump()), accepted) << what << ": " << line.dump();
  EXPECT_EQ(reader_accepts(line), accepted) << what << ": " << line.dump();
}

TEST(RecordSchema, AcceptsWhatIsWrittenAndRefusesWhatTheReaderRefuses) {
  const std::string text = calib::record_lines({some_run()});
  std::size_t from = 0;
  for (std::size_t end = 0; (end = text.find('\n', from)) != std::string::npos; from = end + 1) {
    const Json line = Json::parse(text.substr(from, end - from));
    expect_agreement(line, true, "as written");
    Json more = line;
    more["surprise"] = 1;
    expect_agreement(more, false, "unknown key");
    for (const auto& item : line.items()) {
      if (item.key() == "type") {
        continue;
      }
      Json changed = line;
      changed[item.key()] = Json::array({Json::object()});
      expect_agreement(changed, false, "wrong type of " + item.key());
      Json less = line;
      less.erase(item.key());
      const bool optional = reader_accepts(less);
      EXPECT_EQ(schema_accepts(less.dump()), optional) << "without " << item.key();
      Json null = line;
      null[item.key()] = nullptr;
      EXPECT_EQ(schema_accepts(null.dump()), reader_accepts(null)) << "null " << item.key();
    }
  }
}

}  // namespace
