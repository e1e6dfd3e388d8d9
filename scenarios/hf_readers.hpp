#pragma once
// How each architecture's configuration becomes the keys of a scenario's model. Private to this
// room.
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "scenarios/values.hpp"
#include "scenarios/yaml.hpp"

namespace scenarios {

/// The block that is being made: keys in the order of the catalog's entries.
class HfBlock {
 public:
  void number(const char* key, int value) { model_[key] = value; }
  void text(const char* key, const std::string& value) { model_[key] = value; }
  void flag(const char* key, bool value) { model_[key] = value; }
  void map(const char* key, Json value) { model_[key] = std::move(value); }
  void remark(std::string sentence) { remarks_.push_back(std::move(sentence)); }

  [[nodiscard]] const Json& model() const { return model_; }
  [[nodiscard]] const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  Json model_ = Json::object();
  std::vector<std::string> remarks_;
};

/// An architecture, by the key model_type of its configuration.
struct HfReader {
  std::string_view model_type;
  /// @throws InputError with file, line and key
  void (*read)(const Values& in, HfBlock& block);
};

/// By model_type, in alphabetical order.
std::span<const HfReader> hf_readers();

}  // namespace scenarios
