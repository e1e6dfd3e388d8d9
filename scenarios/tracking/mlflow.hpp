#pragma once
// A run in an MLflow tracking server, by its REST interface. Private to this room.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scenarios {

struct MlflowServer {
  std::string uri;      ///< "http://host:5000", with the path that a proxy may put before /api
  std::string token{};  ///< bearer token; empty: none
};

/// What becomes a run.
struct MlflowRun {
  std::string experiment;  ///< created where there is none of this name
  std::string name;
  std::int64_t time_ms = 0;  ///< since 1970, of begin, end and values
  std::vector<std::pair<std::string, double>> metrics;
  std::vector<std::pair<std::string, std::string>> params;  ///< cut to what every server takes
  std::vector<std::pair<std::string, std::string>> tags;
};

/// Creates the run with all its values, in as many requests as the server's limits ask for, and
/// ends it. Returns its id.
/// @throws topology::InputError for an address that is none, RuntimeFailure where the server does
/// not answer, refuses, or is no MLflow.
std::string send_run(const MlflowServer& server, const MlflowRun& run);

}  // namespace scenarios
