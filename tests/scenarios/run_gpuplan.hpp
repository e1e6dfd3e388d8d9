#pragma once
// Runs the gpuplan command as a user does.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <sys/wait.h>

#include "tests/scenarios/temporary_files.hpp"

struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

inline std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Runs "gpuplan ARGUMENTS" in a shell, in `directory` or in an empty one.
inline Outcome gpuplan(const std::string& arguments, const std::filesystem::path& directory = {}) {
  const TemporaryFiles files;
  const auto out = (files.directory() / "out").string();
  const auto err = (files.directory() / "err").string();
  const std::string command =
      "cd " + (directory.empty() ? files.directory() : directory).string() + " && exec " + GPUPLAN_COMMAND + " " + arguments;
  const int status = std::system(("( " + command + " ) > " + out + " 2> " + err).c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(out), contents(err)};
}
