#pragma once
// A directory for the files of one test.
#include <filesystem>
#include <fstream>
#include <string>

#include <unistd.h>

class TemporaryFiles {
 public:
  TemporaryFiles() {
    std::string name = (std::filesystem::temp_directory_path() / "gpuplan-test-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~TemporaryFiles() {
    std::error_code code;
    std::filesystem::remove_all(directory_, code);
  }
  TemporaryFiles(const TemporaryFiles&) = delete;
  TemporaryFiles& operator=(const TemporaryFiles&) = delete;

  std::filesystem::path write(const std::string& name, const std::string& text) const {
    const auto path = directory_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }
  const std::filesystem::path& directory() const { return directory_; }

 private:
  std::filesystem::path directory_;
};
