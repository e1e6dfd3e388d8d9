#include "scenarios/edit_yaml.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "scenarios/document.hpp"
#include "scenarios/scenario_file.hpp"
#include "scenarios/yaml.hpp"

namespace scenarios {

using topology::InputError;
using topology::Location;

namespace {

/// A part of the text: [begin, end).
struct Extent {
  std::size_t begin = 0, end = 0;
};

bool is_collection_start(char c) {
  return c == '{' || c == '[';
}

class Editor {
 public:
  Editor(const std::string& text, const std::string& name)
      : text_(text), name_(name), document_(read_yaml_text(text, name)) {
    starts_.push_back(text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') {
        starts_.push_back(i + 1);
      }
    }
  }

  [[nodiscard]] const Document& document() const { return document_; }

  /// The pointer of the deepest value that `steps` lead to, and how many of them do.
  [[nodiscard]] std::pair<std::string, std::size_t> deepest(
      const std::vector<std::string>& steps) const {
    std::string pointer;
    std::size_t found = 0;
    for (; found < steps.size(); ++found) {
      const std::string next = child(pointer, steps[found]);
      const Json* around = find(document_.root, pointer);
      if (around == nullptr || !around->is_object() || !around->contains(steps[found])) {
        break;
      }
      pointer = next;
    }
    return {pointer, found};
  }

  [[nodiscard]] Extent extent(const std::string& pointer) const {
    const std::size_t begin = offset(document_.place(pointer).value);
    if (begin >= text_.size()) {
      refuse(pointer);
    }
    if (is_collection_start(text_[begin])) {
      return {begin, bracket_end(begin)};
    }
    if (text_[begin] == '"' || text_[begin] == '\'') {
      return {begin, quote_end(begin)};
    }
    const Json* value = find(document_.root, pointer);
    if (value->is_object() || value->is_array()) {
      return {begin, block_end(pointer)};
    }
    if (text_[begin] == '|' || text_[begin] == '>' || text_[begin] == '&' || text_[begin] == '*' ||
        value->is_null()) {
      refuse(pointer);
    }
    return {begin, plain_end(begin, in_flow(pointer))};
  }

  [[nodiscard]] std::string replaced(const std::string& pointer, const std::string& value) const {
    const Extent at = extent(pointer);
    return text_.substr(0, at.begin) + value + text_.substr(at.end);
  }

  /// Adds `key: value` to the map at `pointer`.
  [[nodiscard]] std::string added(const std::string& pointer, const std::string& key,
                                  const std::string& value) const {
    const std::string entry = key + ": " + value;
    const std::size_t begin = offset(document_.place(pointer).value);
    const Json& map = *find(document_.root, pointer);
    if (begin < text_.size() && text_[begin] == '{') {
      std::size_t end = bracket_end(begin) - 1;
      while (end > begin + 1 && (text_[end - 1] == ' ' || text_[end - 1] == '\n')) {
        --end;
      }
      return text_.substr(0, end) + (map.empty() ? "" : ", ") + entry + text_.substr(end);
    }
    if (map.empty()) {
      refuse(pointer);
    }
    std::size_t end = line_end(block_end(pointer));
    const std::string first = child(pointer, map.begin().key());
    const int indent = document_.place(first).key.column - 1;
    const bool newline = end > 0 && text_[end - 1] != '\n';
    return text_.substr(0, end) + (newline ? "\n" : "") +
           std::string(static_cast<std::size_t>(indent), ' ') + entry + "\n" + text_.substr(end);
  }

  [[nodiscard]] std::string removed(const std::string& pointer) const {
    const std::string parent = pointer.substr(0, pointer.rfind('/'));
    if (!parent.empty() && find(document_.root, parent)->size() == 1) {
      return removed(parent);
    }
    const std::size_t key = offset(document_.place(pointer).key);
    const std::size_t end = extent(pointer).end;
    const std::size_t around = offset(document_.place(parent).value);
    if (text_[around] != '{') {
      return text_.substr(0, line_start(key)) + text_.substr(line_end(end));
    }
    const std::size_t comma = text_.find_first_not_of(" \n", end);
    if (comma != std::string::npos && text_[comma] == ',') {
      const std::size_t next = text_.find_first_not_of(' ', comma + 1);
      return text_.substr(0, key) + text_.substr(next);
    }
    std::size_t before = text_.find_last_not_of(" \n", key - 1);
    before += text_[before] == ',' ? 0 : 1;
    return text_.substr(0, before) + text_.substr(end);
  }

 private:
  [[noreturn]] void refuse(const std::string& pointer) const {
    throw InputError(document_.place(pointer).value, key_path(pointer),
                     "a value of this shape cannot be changed in a form; change it in the text");
  }

  /// yaml-cpp counts columns in bytes.
  [[nodiscard]] std::size_t offset(const Location& where) const {
    const auto line = static_cast<std::size_t>(std::max(where.line, 1) - 1);
    return starts_[std::min(line, starts_.size() - 1)] +
           static_cast<std::size_t>(std::max(where.column, 1) - 1);
  }
  [[nodiscard]] std::size_t line_start(std::size_t at) const {
    const std::size_t newline = at == 0 ? std::string::npos : text_.rfind('\n', at - 1);
    return newline == std::string::npos ? 0 : newline + 1;
  }
  [[nodiscard]] std::size_t line_end(std::size_t at) const {
    if (at > 0 && text_[at - 1] == '\n') {
      return at;
    }
    const std::size_t newline = text_.find('\n', at);
    return newline == std::string::npos ? text_.size() : newline + 1;
  }

  [[nodiscard]] bool in_flow(const std::string& pointer) const {
    for (std::string up = pointer; !up.empty();) {
      up = up.substr(0, up.rfind('/'));
      const std::size_t at = offset(document_.place(up).value);
      if (at < text_.size() && is_collection_start(text_[at])) {
        return true;
      }
    }
    return false;
  }

  [[nodiscard]] std::size_t quote_end(std::size_t begin) const {
    const char quote = text_[begin];
    for (std::size_t i = begin + 1; i < text_.size(); ++i) {
      if (quote == '"' && text_[i] == '\\') {
        ++i;
      } else if (quote == '\'' && text_.compare(i, 2, "''") == 0) {
        ++i;
      } else if (text_[i] == quote) {
        return i + 1;
      }
    }
    return text_.size();
  }

  [[nodiscard]] bool is_comment(std::size_t at) const {
    return text_[at] == '#' &&
           (at == 0 || std::isspace(static_cast<unsigned char>(text_[at - 1])) != 0);
  }

  [[nodiscard]] std::size_t bracket_end(std::size_t begin) const {
    int depth = 0;
    for (std::size_t i = begin; i < text_.size(); ++i) {
      if (is_comment(i)) {
        i = line_end(i) - 1;
      } else if ((text_[i] == '"' || text_[i] == '\'') &&
                 std::string_view(" ,[{:\n").find(text_[i - 1]) != std::string_view::npos) {
        i = quote_end(i) - 1;
      } else if (is_collection_start(text_[i])) {
        ++depth;
      } else if ((text_[i] == '}' || text_[i] == ']') && --depth == 0) {
        return i + 1;
      }
    }
    return text_.size();
  }

  [[nodiscard]] std::size_t plain_end(std::size_t begin, bool flow) const {
    std::size_t end = begin;
    while (end < text_.size() && text_[end] != '\n' && !is_comment(end) &&
           !(flow && std::string_view(",]}").find(text_[end]) != std::string_view::npos)) {
      ++end;
    }
    while (end > begin && std::isspace(static_cast<unsigned char>(text_[end - 1])) != 0) {
      --end;
    }
    return end;
  }

  /// Where the last value of a block ends.
  [[nodiscard]] std::size_t block_end(const std::string& pointer) const {
    const Json& value = *find(document_.root, pointer);
    std::size_t end = 0;
    for (const auto& [key, inner] : value.items()) {
      const std::string at = child(pointer, key);
      end = std::max(end,
                     inner.is_null() ? line_end(offset(document_.place(at).key)) : extent(at).end);
    }
    return end;
  }

  const std::string& text_;
  const std::string& name_;
  Document document_;
  std::vector<std::size_t> starts_;  ///< of lines
};

std::string quoted(const std::string& value) {
  std::string text = "\"";
  for (const char c : value) {
    text += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  }
  return text + '"';
}

/// The value that `document` should have at `steps`, as the editor changes it.
void put(Json& root, const std::vector<std::string>& steps, const Json* value) {
  Json* node = &root;
  std::vector<Json*> way;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    way.push_back(node);
    Json& next = (*node)[steps[i]];
    if (next.is_string()) {
      next = Json{{"base", next}};
    }
    node = &next;
  }
  if (value != nullptr) {
    (*node)[steps.back()] = *value;
    return;
  }
  node->erase(steps.back());
  for (std::size_t i = steps.size() - 1; i-- > 0 && (*way[i])[steps[i]].empty();) {
    way[i]->erase(steps[i]);
  }
}

/// Whether `text` says `wanted`, in any order of keys.
bool says(const std::string& text, const Json& wanted, const std::string& name) {
  try {
    const auto sorted = [](const Json& json) { return nlohmann::json(json); };
    return sorted(read_yaml_text(text, name).root) == sorted(wanted);
  } catch (const InputError&) {
    return false;
  }
}

std::string write(const Editor& editor, const std::vector<std::string>& steps,
                  const std::string& value) {
  const auto [pointer, found] = editor.deepest(steps);
  if (found == steps.size()) {
    return editor.replaced(pointer, value);
  }
  std::string inner = value;
  for (std::size_t i = steps.size() - 1; i > found; --i) {
    inner = fmt::format("{{{}: {}}}", steps[i], inner);
  }
  const Json* around = find(editor.document().root, pointer);
  if (around->is_string()) {
    return editor.replaced(pointer, fmt::format("{{base: {}, {}: {}}}", around->get<std::string>(),
                                                steps[found], inner));
  }
  return editor.added(pointer, steps[found], inner);
}

}  // namespace

std::optional<std::string> value_in_text(const std::string& text, std::string_view path,
                                         const std::string& name) {
  const Editor editor(text, name);
  const auto steps = path_steps(path);
  const auto [pointer, found] = editor.deepest(steps);
  if (found < steps.size() || find(editor.document().root, pointer)->is_null()) {
    return std::nullopt;
  }
  const Extent at = editor.extent(pointer);
  return text.substr(at.begin, at.end - at.begin);
}

std::string with_value(const std::string& text, std::string_view path,
                       const std::optional<std::string>& value, const std::string& name) {
  const Editor editor(text, name);
  const auto steps = path_steps(path);
  Json wanted = editor.document().root;
  std::string changed;
  if (!value) {
    const auto [pointer, found] = editor.deepest(steps);
    if (found < steps.size()) {
      return text;
    }
    put(wanted, steps, nullptr);
    changed = editor.removed(pointer);
  } else {
    const Json json = read_yaml_value(*value, std::string(path));
    put(wanted, steps, &json);
    changed = write(editor, steps, *value);
    if (json.is_string() && !says(changed, wanted, name)) {
      changed = write(editor, steps, quoted(json.get<std::string>()));
    }
  }
  if (!says(changed, wanted, name)) {
    throw InputError({name}, path,
                     "the value cannot be changed in place here; change it in the text");
  }
  return changed;
}

}  // namespace scenarios
