#include "scenarios/atomic_file.hpp"

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topology/error.hpp"

namespace scenarios {

namespace {

[[noreturn]] void fail(const std::filesystem::path& file, std::string_view action, int error) {
  const char* remedy = error == ENOENT                      ? "; create its directory first"
                       : error == ENOSPC || error == EDQUOT ? "; free some space or write elsewhere"
                                                            : "";
  throw topology::RuntimeFailure(fmt::format("cannot {} {}: {}{}", action, file.string(),
                                             std::generic_category().message(error), remedy));
}

/// An open file. Closed, and removed unless kept, when it goes out of scope.
class Output {
 public:
  Output(int descriptor, std::string temporary)
      : descriptor_(descriptor), temporary_(std::move(temporary)) {}
  ~Output() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
    if (!temporary_.empty()) {
      ::unlink(temporary_.c_str());
    }
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  [[nodiscard]] int write_all(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = ::write(descriptor_, text.data(), text.size());
      if (written < 0 && errno != EINTR) {
        return errno;
      }
      text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
    return 0;
  }
  [[nodiscard]] int finish() {
    const int synced = ::fsync(descriptor_) == 0 || errno == EINVAL || errno == EROFS ? 0 : errno;
    const int closed = ::close(descriptor_) == 0 ? 0 : errno;
    descriptor_ = -1;
    return synced != 0 ? synced : closed;
  }
  [[nodiscard]] int rename_to(const std::filesystem::path& file) {
    if (::rename(temporary_.c_str(), file.c_str()) != 0) {
      return errno;
    }
    temporary_.clear();
    return 0;
  }

 private:
  int descriptor_;
  std::string temporary_;  ///< to be removed
};

void write_directly(const std::filesystem::path& file, std::string_view text) {
  Output out(::open(file.c_str(), O_WRONLY | O_CLOEXEC), {});
  if (const int error = out.write_all(text); error != 0) {
    fail(file, "write", error);
  }
}

/// What open() with the usual flags would give a new file.
mode_t usual_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return static_cast<mode_t>(0666U & ~mask);
}

}  // namespace

void write_file(const std::filesystem::path& file, std::string_view text) {
  std::error_code code;
  const auto status = std::filesystem::status(file, code);
  if (std::filesystem::is_directory(status)) {
    fail(file, "write", EISDIR);
  }
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    write_directly(file, text);
    return;
  }
  // A link stays a link: what it points to is replaced.
  const auto target = std::filesystem::is_symlink(file, code)
                          ? std::filesystem::weakly_canonical(file, code)
                          : file;
  std::string temporary = target.string() + ".XXXXXX";
  const int descriptor = ::mkstemp(temporary.data());
  if (descriptor < 0) {
    fail(file, "create", errno);
  }
  Output out(descriptor, temporary);
  ::fchmod(descriptor, std::filesystem::exists(status) ? static_cast<mode_t>(status.permissions())
                                                       : usual_mode());
  int error = out.write_all(text);
  if (error == 0) {
    error = out.finish();
  }
  if (error == 0) {
    error = out.rename_to(target);
  }
  if (error != 0) {
    fail(file, "write", error);
  }
}

}  // namespace scenarios
