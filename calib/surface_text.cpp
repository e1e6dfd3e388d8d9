#include "calib/surface_text.hpp"

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace calib {

using Json = nlohmann::ordered_json;

namespace {

constexpr int kMostOctaves = 63;
constexpr double kMostPerMille = 5000.0;  ///< a factor of 148 either way

bool read_octaves(const Json& json, int low, std::array<int, 3>& octaves) {
  if (!json.is_array() || json.size() != octaves.size()) {
    return false;
  }
  for (std::size_t axis = 0; axis < octaves.size(); ++axis) {
    if (!json[axis].is_number_integer() || json[axis] < low || json[axis] > kMostOctaves) {
      return false;
    }
    octaves[axis] = json[axis].get<int>();
  }
  return true;
}

}  // namespace

Json surface_to_json(const EfficiencySurface& s) {
  Json planes = Json::array();
  std::size_t node = 0;
  for (int m = 0; m < s.count[0]; ++m) {
    std::string plane;
    for (int n = 0; n < s.count[1]; ++n) {
      plane += n == 0 ? "" : ",";
      for (int k = 0; k < s.count[2]; ++k) {
        plane += fmt::format("{}{}", k == 0 ? "" : " ", std::lround(1000.0 * s.log_time[node++]));
      }
    }
    planes.push_back(std::move(plane));
  }
  return {{"first_octave", s.first}, {"octaves", s.count}, {"log_time_per_mille", planes}};
}

std::optional<EfficiencySurface> surface_from(const Json& json) {
  EfficiencySurface s;
  if (!json.is_object() || !json.contains("first_octave") || !json.contains("octaves") ||
      !json.contains("log_time_per_mille") || !read_octaves(json["first_octave"], 0, s.first) ||
      !read_octaves(json["octaves"], 2, s.count)) {
    return std::nullopt;
  }
  const Json& planes = json["log_time_per_mille"];
  if (!planes.is_array() || planes.size() != static_cast<std::size_t>(s.count[0])) {
    return std::nullopt;
  }
  for (const Json& plane : planes) {
    if (!plane.is_string()) {
      return std::nullopt;
    }
    const std::string text = plane.get<std::string>();
    const char* at = text.c_str();
    for (int node = 0; node < s.count[1] * s.count[2]; ++node) {
      at += *at == ',' ? 1 : 0;
      char* end = nullptr;
      const double value = std::strtod(at, &end);
      if (end == at || !(std::abs(value) <= kMostPerMille)) {
        return std::nullopt;
      }
      s.log_time.push_back(value / 1000.0);
      at = end;
    }
    if (*at != '\0') {
      return std::nullopt;
    }
  }
  return s;
}

}  // namespace calib
