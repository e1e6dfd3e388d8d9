#pragma once
// The two kinds of failure that code in this project throws, see STYLE: a user's bad input and our
// own bug.
#include <stdexcept>
#include <string>
#include <string_view>

namespace topology {

/// Where in a user's file something stands. Lines and columns count from 1; 0 means unknown.
struct Location {
  std::string file;
  int line = 0;
  int column = 0;
};

/// "file:line:column" as far as it is known, empty where nothing is.
std::string to_string(const Location& where);

/// Bad input: the message is one sentence that says what was found, what was expected and what to
/// do. The command line turns it into exit code 2.
class InputError : public std::runtime_error {
 public:
  InputError(const Location& where, std::string_view key, std::string_view message);
  explicit InputError(std::string_view message);
};

/// A failure of the machine (disk, device, process) while running. Exit code 3.
class RuntimeFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A bug in our code: throws std::logic_error naming the place unless `condition` holds.
void expects(bool condition, std::string_view what, const char* file = __builtin_FILE(),
             int line = __builtin_LINE());

}  // namespace topology
