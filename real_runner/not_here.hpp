#pragma once
#include <stdexcept>

namespace real_runner {

/// This figure cannot be had here (too little memory, no such algorithm): it is left out, the run
/// goes on.
class NotHere : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace real_runner
