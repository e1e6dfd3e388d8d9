#pragma once
// Writes records as they are measured, so that an interrupted run keeps what it has.
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "calib/records.hpp"

namespace calib {

/// One run of a records file. Invariant: the file ends with a whole line after every call; each
/// line is handed to the system in one write, so that other writers' lines do not mix with it and a
/// crash of this program loses none.
class RecordWriter {
 public:
  /// Appends to `file` or makes it, and writes the run line. A last line that another run left
  /// without its end is cut off first: it cannot be read.
  /// @throws topology::RuntimeFailure if the file cannot be written.
  RecordWriter(const std::filesystem::path& file, const RunHeader& header);
  /// Without finish(), the run is closed as interrupted.
  ~RecordWriter();
  RecordWriter(const RecordWriter&) = delete;
  RecordWriter& operator=(const RecordWriter&) = delete;

  /// @throws topology::RuntimeFailure, e.g. when the disk is full.
  void write(const Measurement& measurement);
  /// Writes the end line; nothing may be written after it. `reason` says why a run is not complete.
  void finish(std::optional<std::string> reason = {});

 private:
  void put(std::string line);
  std::string file_, run_;
  int descriptor_ = -1;
  bool finished_ = false;
};

}  // namespace calib
