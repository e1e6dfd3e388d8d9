#include "calib/record_writer.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topology/error.hpp"

namespace calib {

namespace {

[[noreturn]] void refuse(const std::string& file, std::string_view what) {
  throw topology::RuntimeFailure(fmt::format("{}: {}: {}; records need a place that can be written",
                                             file, what, std::strerror(errno)));
}

/// Length of the file up to and with its last line end; the file's own where it is no regular file.
off_t whole_lines(int descriptor, off_t size) {
  constexpr off_t kBlock = 4096;
  char block[kBlock];
  off_t end = size;
  while (end > 0) {
    const off_t from = end > kBlock ? end - kBlock : 0;
    const ssize_t got = ::pread(descriptor, block, static_cast<std::size_t>(end - from), from);
    for (ssize_t i = got; i > 0; --i) {
      if (block[i - 1] == '\n') {
        return from + i;
      }
    }
    if (got <= 0) {
      return size;
    }
    end = from;
  }
  return 0;
}

void drop_cut_line(int descriptor, const std::string& file) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    return;
  }
  const off_t keep = whole_lines(descriptor, status.st_size);
  if (keep != status.st_size && ::ftruncate(descriptor, keep) != 0) {
    refuse(file, "the cut-off last line cannot be removed");
  }
}

}  // namespace

RecordWriter::RecordWriter(const std::filesystem::path& file, const RunHeader& header)
    : file_(file.string()), run_(header.run) {
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor_ < 0 && (errno == EACCES || errno == EINVAL)) {  // a pipe, a write-only place
    descriptor_ = ::open(file_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  }
  if (descriptor_ < 0) {
    refuse(file_, "cannot be opened");
  }
  try {
    drop_cut_line(descriptor_, file_);
    put(record_line(header));
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

RecordWriter::~RecordWriter() {
  if (!finished_) {
    try {
      finish("interrupted");
    } catch (const topology::RuntimeFailure&) {  // the file then reads as cut off, which it is
    }
  }
  ::close(descriptor_);
}

void RecordWriter::write(const Measurement& measurement) {
  topology::expects(!finished_, "records are written before the end line");
  put(record_line(run_, measurement));
}

void RecordWriter::finish(std::optional<std::string> reason) {
  topology::expects(!finished_, "a run has one end line");
  finished_ = true;
  const bool complete = !reason;
  put(record_line(run_, RunEnd{.complete = complete, .reason = std::move(reason)}));
}

void RecordWriter::put(std::string line) {
  line += '\n';
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      refuse(file_, "cannot be written");
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace calib
