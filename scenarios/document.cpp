#include "scenarios/document.hpp"

#include <utility>

namespace scenarios {

namespace {
std::string unescaped(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size()) {
      text += token[++i] == '1' ? '/' : '~';
    } else {
      text += token[i];
    }
  }
  return text;
}

bool is_below(std::string_view pointer, std::string_view ancestor) {
  return pointer.starts_with(ancestor) &&
         (pointer.size() == ancestor.size() || pointer[ancestor.size()] == '/');
}

void erase_places(Document& doc, const std::string& pointer) {
  std::erase_if(doc.places, [&](const auto& entry) { return is_below(entry.first, pointer); });
}

void copy_places(Document& onto, const Document& from, std::string_view pointer) {
  for (auto it = from.places.lower_bound(pointer);
       it != from.places.end() && it->first.starts_with(pointer); ++it) {
    if (is_below(it->first, pointer)) {
      onto.places[it->first] = it->second;
    }
  }
}

void overlay_map(Document& onto, Json& target, const Document& from, const Json& source,
                 const std::string& pointer) {
  for (const auto& [key, value] : source.items()) {
    const std::string at = child(pointer, key);
    const auto old = target.find(key);
    if (value.is_null()) {
      if (old != target.end()) {
        target.erase(old);
      }
      erase_places(onto, at);
    } else if (old != target.end() && old->is_object() && value.is_object()) {
      overlay_map(onto, *old, from, value, at);
      onto.places[at] = from.place(at);
    } else {
      erase_places(onto, at);
      copy_places(onto, from, at);
      onto.places.try_emplace(at, from.place(at));
      target[key] = value;
    }
  }
}
}  // namespace

const Place& Document::place(std::string_view pointer) const {
  static const Place nowhere;
  while (true) {
    if (const auto it = places.find(pointer); it != places.end()) {
      return it->second;
    }
    const std::size_t slash = pointer.rfind('/');
    if (slash == std::string_view::npos) {
      return nowhere;
    }
    pointer = pointer.substr(0, slash);
  }
}

std::string key_path(std::string_view pointer) {
  std::string path;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    const std::string token = unescaped(pointer.substr(0, end));
    const bool index = !token.empty() && token.find_first_not_of("0123456789") == std::string::npos;
    path += index ? "[" + token + "]" : (path.empty() ? "" : ".") + token;
    pointer.remove_prefix(end);
  }
  return path;
}

std::string child(std::string_view pointer, std::string_view key) {
  std::string path(pointer);
  path += '/';
  for (const char c : key) {
    path += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  }
  return path;
}

const Json* find(const Json& root, std::string_view pointer) {
  const Json* node = &root;
  while (!pointer.empty() && node != nullptr) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    const std::string token = unescaped(pointer.substr(0, end));
    pointer.remove_prefix(end);
    if (node->is_object() && node->contains(token)) {
      node = &(*node)[token];
    } else if (node->is_array() && !token.empty() &&
               token.find_first_not_of("0123456789") == std::string::npos && token.size() < 9 &&
               std::stoul(token) < node->size()) {
      node = &(*node)[std::stoul(token)];
    } else {
      node = nullptr;
    }
  }
  return node;
}

void overlay(Document& onto, const Document& from) {
  overlay_map(onto, onto.root, from, from.root, "");
  onto.places[""] = from.place("");
}

Document extract(const Document& from, std::string_view pointer) {
  Document part;
  if (const Json* node = find(from.root, pointer)) {
    part.root = *node;
  }
  for (const auto& [at, place] : from.places) {
    if (is_below(at, pointer)) {
      part.places[at.substr(pointer.size())] = place;
    }
  }
  part.places.try_emplace("", from.place(pointer));
  return part;
}

}  // namespace scenarios
