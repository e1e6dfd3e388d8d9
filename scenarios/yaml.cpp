#include "scenarios/yaml.hpp"

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace scenarios {

using topology::InputError;
using topology::Location;

namespace {

constexpr std::size_t kLargestFile = std::size_t{16} << 20U;
constexpr std::size_t kDeepest = 100;
constexpr std::size_t kMostKeys = 10000;  ///< in one map
constexpr std::size_t kLongestScalar =
    4096;  ///< also keeps std::regex, which recurses, off the stack's end
constexpr std::size_t kMostAliased = 100000;  ///< values that aliases may add

/// A scalar without quotes, by the rules of YAML 1.2's core schema less what is easily misread.
class PlainScalar {
 public:
  PlainScalar(const std::string& text, const Location& where) : text_(text), where_(where) {}

  [[nodiscard]] Json value() const {
    if (text_ == "true" || text_ == "false") {
      return text_ == "true";
    }
    if (text_ == "~" || text_ == "null") {
      return nullptr;
    }
    refuse_ambiguous();
    if (const auto number = as_number()) {
      return *number;
    }
    return text_;
  }

 private:
  [[noreturn]] void fail(std::string_view why) const {
    throw InputError(where_, {}, fmt::format("\"{}\" {}", text_.substr(0, 60), why));
  }

  [[nodiscard]] std::string_view unsigned_part() const {
    std::string_view rest = text_;
    if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) {
      rest.remove_prefix(1);
    }
    return rest;
  }

  void refuse_ambiguous() const {
    const std::string_view rest = unsigned_part();
    const auto only = [rest](std::string_view characters) {
      return rest.find_first_not_of(characters) == std::string_view::npos;
    };
    if (rest.size() > 1 && rest.front() == '0' && only("0123456789_")) {
      fail(
          "begins with 0, which some readers take for octal; write it without the 0, or in quotes");
    }
    if (rest.size() > 2 && rest.front() == '0' &&
        std::string_view("xob").find(rest[1]) != std::string_view::npos &&
        rest.find_first_not_of("0123456789abcdefABCDEF_", 2) == std::string_view::npos) {
      fail("is not a decimal number; write it in decimal, or in quotes");
    }
    if (rest.size() > 1 && std::isdigit(static_cast<unsigned char>(rest.front())) != 0 &&
        rest.find('_') != std::string_view::npos && only("0123456789_")) {
      fail("has underscores; write the digits without them, or in quotes");
    }
    if (rest == ".inf" || rest == ".Inf" || rest == ".INF" || rest == ".nan" || rest == ".NaN" ||
        rest == ".NAN") {
      fail("is not a finite number");
    }
  }

  /// Whole values become integers however they are written: 16e3 is 16000.
  [[nodiscard]] std::optional<Json> as_number() const {
    const std::string_view rest = unsigned_part();
    if (rest.empty() || rest.find_first_not_of("0123456789.eE+-") != std::string_view::npos ||
        (std::isdigit(static_cast<unsigned char>(rest.front())) == 0 && rest.front() != '.')) {
      return std::nullopt;
    }
    const double sign = text_.front() == '-' ? -1.0 : 1.0;
    double number = 0.0;
    const char* const end = rest.data() + rest.size();
    const auto [stop, error] = std::from_chars(rest.data(), end, number);
    if (stop != end || error == std::errc::invalid_argument) {
      return std::nullopt;
    }
    if (error != std::errc{} || !std::isfinite(number)) {
      fail("is out of range");
    }
    constexpr double kExact = 9007199254740992.0;  // 2^53
    if (number < kExact && number == std::floor(number)) {
      return Json(static_cast<std::int64_t>(sign * number));
    }
    return Json(sign * number);
  }

  const std::string& text_;
  const Location& where_;
};

/// Builds the document from yaml-cpp's events, which carry every position.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(std::string file) : file_(std::move(file)) {}

  Document take() { return std::move(document_); }
  [[nodiscard]] bool has_root() const { return has_root_; }
  /// The last scalar if it stands in quotes.
  [[nodiscard]] const std::optional<YAML::Mark>& last_quoted() const { return last_quoted_; }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (awaits_key()) {
      throw InputError(at(mark), {}, "a key is empty, write it before the colon");
    }
    add(at(mark), nullptr, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto it = anchors_.find(anchor);
    if (it == anchors_.end()) {
      throw InputError(at(mark), {}, "an alias refers to the value that holds it");
    }
    if (awaits_key()) {
      throw InputError(at(mark), {}, "a key may not be an alias");
    }
    aliased_ += it->second.size;
    if (aliased_ > kMostAliased) {
      throw InputError(
          at(mark), {},
          fmt::format("aliases expand to more than {} values; write fewer", kMostAliased));
    }
    if (frames_.size() + it->second.depth > kDeepest) {
      too_deep(mark);
    }
    put(at(mark), it->second.value, YAML::NullAnchor, it->second.size, it->second.depth);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const Location where = at(mark);
    const bool plain = tag == "?" || tag.empty();
    if (value.size() > kLongestScalar) {
      throw InputError(where, {},
                       fmt::format("a single value is longer than {} characters", kLongestScalar));
    }
    if (!plain && tag != "!" && tag != "tag:yaml.org,2002:str") {
      refuse_tag(where, tag);
    }
    last_quoted_ = plain ? std::nullopt : std::optional(mark);
    if (awaits_key()) {
      take_key(where, value);
      return;
    }
    add(where, plain ? PlainScalar(value, where).value() : Json(value), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, Json::array());
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, anchor, Json::object());
  }
  void OnMapEnd() override { close(); }

 private:
  struct Frame {
    Json value;
    std::string pointer;
    Location where;
    YAML::anchor_t anchor = YAML::NullAnchor;
    std::size_t size = 1;   ///< values in it so far, itself included
    std::size_t depth = 1;  ///< levels in it so far, itself included
    std::optional<std::string> key;
    Location key_where;
    std::unordered_map<std::string, int> lines;  ///< of the keys so far
  };
  struct Anchored {
    Json value;
    std::size_t size = 1;
    std::size_t depth = 0;
  };

  [[nodiscard]] Location at(const YAML::Mark& mark) const {
    return {file_, mark.line + 1, mark.column + 1};
  }
  [[nodiscard]] bool awaits_key() const {
    return !frames_.empty() && frames_.back().value.is_object() && !frames_.back().key;
  }

  [[noreturn]] static void refuse_tag(const Location& where, const std::string& tag) {
    throw InputError(where, {}, fmt::format("the tag \"{}\" is not supported, leave it out", tag));
  }
  [[noreturn]] void too_deep(const YAML::Mark& mark) const {
    throw InputError(at(mark), {},
                     fmt::format("values are nested more than {} levels deep", kDeepest));
  }

  void take_key(const Location& where, const std::string& key) {
    Frame& frame = frames_.back();
    if (key == "<<") {
      throw InputError(
          where, {},
          "merge keys (<<) are not supported; use \"base: other.yaml\" to overlay files");
    }
    const auto [known, added] = frame.lines.emplace(key, where.line);
    if (!added) {
      throw InputError(
          where, key_path(child(frame.pointer, key)),
          fmt::format("the key is already given in line {}, remove one of the two", known->second));
    }
    if (frame.lines.size() > kMostKeys) {
      throw InputError(where, {}, fmt::format("more than {} keys in one map", kMostKeys));
    }
    frame.key = key;
    frame.key_where = where;
  }

  [[nodiscard]] std::string next_pointer() const {
    if (frames_.empty()) {
      return {};
    }
    const Frame& frame = frames_.back();
    return frame.value.is_array() ? child(frame.pointer, std::to_string(frame.value.size()))
                                  : child(frame.pointer, frame.key.value_or(std::string()));
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Json empty) {
    if (awaits_key()) {
      throw InputError(at(mark), {},
                       "a key must be a word, found a list or a map; is a bracket left open?");
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      refuse_tag(at(mark), tag);
    }
    if (frames_.size() >= kDeepest) {
      too_deep(mark);
    }
    Frame frame;
    frame.value = std::move(empty);
    frame.pointer = next_pointer();
    frame.where = at(mark);
    frame.anchor = anchor;
    frames_.push_back(std::move(frame));
  }

  void close() {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    put(frame.where, std::move(frame.value), frame.anchor, frame.size, frame.depth);
  }

  void add(const Location& where, Json value, YAML::anchor_t anchor) {
    put(where, std::move(value), anchor, 1, 0);
  }

  /// Hands a finished value to the collection around it.
  void put(const Location& where, Json value, YAML::anchor_t anchor, std::size_t size,
           std::size_t depth) {
    if (anchor != YAML::NullAnchor) {
      anchors_[anchor] = {value, size, depth};
    }
    const std::string pointer = next_pointer();
    if (frames_.empty()) {
      document_.places[pointer] = {where, where};
      document_.root = std::move(value);
      has_root_ = true;
      return;
    }
    Frame& frame = frames_.back();
    frame.size += size;
    frame.depth = std::max(frame.depth, depth + 1);
    if (frame.value.is_array()) {
      document_.places[pointer] = {where, where};
      frame.value.push_back(std::move(value));
    } else {
      document_.places[pointer] = {frame.key_where, where};
      frame.value[*frame.key] = std::move(value);
      frame.key.reset();
    }
  }

  std::string file_;
  Document document_;
  bool has_root_ = false;
  std::vector<Frame> frames_;
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
  std::size_t aliased_ = 0;
  std::optional<YAML::Mark> last_quoted_;
};

/// yaml-cpp 0.7 takes the end of the file for the closing quote when a line end stands before it.
void check_closed(const std::string& text, const std::string& name, const YAML::Mark& mark) {
  const std::size_t byte_order_mark = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const std::size_t start =
      text.find_first_of("\"'", static_cast<std::size_t>(mark.pos) + byte_order_mark);
  if (start == std::string::npos) {
    return;
  }
  const char quote = text[start];
  for (std::size_t i = start + 1; i < text.size(); ++i) {
    const bool escaped = quote == '"' ? text[i] == '\\' : text.compare(i, 2, "''") == 0;
    if (escaped) {
      ++i;
    } else if (text[i] == quote) {
      return;
    }
  }
  throw InputError({name, mark.line + 1, mark.column + 1}, {},
                   "this is not valid YAML: the quotes are not closed");
}

/// Length of the UTF-8 sequence at `at`, 0 where there is none or a control character stands.
std::size_t character_length(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned lead = byte(at);
  if (lead < 0x80U) {
    return lead >= 0x20U || lead == '\t' || lead == '\n' || lead == '\r' ? 1 : 0;
  }
  const std::size_t length = lead >= 0xC2U && lead < 0xE0U   ? 2
                             : lead >= 0xE0U && lead < 0xF0U ? 3
                             : lead >= 0xF0U && lead < 0xF5U ? 4
                                                             : 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) {
      return 0;
    }
  }
  return length;
}

void check_text(const std::string& text, const std::string& name) {
  if (text.size() > kLargestFile) {
    throw InputError(
        {name}, {},
        fmt::format("the file is larger than {} MiB; a scenario or catalog entry is a few kB",
                    kLargestFile >> 20U));
  }
  Location here{name, 1, 1};
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = character_length(text, i);
    if (length == 0) {
      throw InputError(here, {},
                       fmt::format("byte 0x{:02x} is not text; expected a YAML file in UTF-8",
                                   static_cast<unsigned char>(text[i])));
    }
    here.line += text[i] == '\n' ? 1 : 0;
    here.column = text[i] == '\n' ? 1 : here.column + 1;
    i += length;
  }
}

Document parse(const std::string& text, const std::string& name) {
  check_text(text, name);
  std::istringstream stream(text);
  Builder builder(name);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder) || !builder.has_root()) {
      throw InputError(
          {name}, {},
          "the file is empty, expected keys and values such as \"name: my first scenario\"");
    }
    if (builder.last_quoted()) {
      check_closed(text, name, *builder.last_quoted());
    }
    if (parser) {
      Builder second(name);
      if (parser.HandleNextDocument(second)) {
        throw InputError({name}, {},
                         "the file holds a second document (after \"---\"), expected one");
      }
    }
  } catch (const YAML::Exception& e) {
    throw InputError(
        e.mark.is_null() ? Location{name} : Location{name, e.mark.line + 1, e.mark.column + 1}, {},
        fmt::format("this is not valid YAML: {}", e.msg));
  }
  return builder.take();
}

}  // namespace

std::string read_text(const std::filesystem::path& path) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) {
    throw InputError({path.string()}, {}, "this is a directory, expected a file");
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw InputError({path.string()}, {},
                     std::filesystem::exists(path, code)
                         ? "the file cannot be opened, check its permissions"
                         : "there is no such file");
  }
  std::string text;
  std::vector<char> chunk(std::size_t{64} << 10U);
  while (file.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || file.gcount() > 0) {
    text.append(chunk.data(), static_cast<std::size_t>(file.gcount()));
    if (text.size() > kLargestFile) {
      break;  // check_text says so
    }
  }
  if (file.bad()) {
    throw topology::RuntimeFailure(fmt::format("{}: reading the file failed", path.string()));
  }
  return text;
}

Document read_yaml(const std::filesystem::path& path) {
  return read_yaml_text(read_text(path), path.string());
}

Document read_yaml_text(const std::string& text, const std::string& name) {
  Document document = parse(text, name);
  if (!document.root.is_object()) {
    throw InputError(
        document.place("").value, {},
        fmt::format(
            "the file holds {}, expected keys and values such as \"name: my first scenario\"",
            document.root.is_array()  ? "a list"
            : document.root.is_null() ? "nothing"
                                      : "a single value"));
  }
  return document;
}

Json read_yaml_value(const std::string& text, const std::string& origin) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw InputError({origin}, {}, "the value is empty");
  }
  return parse(text, origin).root;
}

}  // namespace scenarios
