#pragma once
// Numbered pieces of work done by child processes: a simulation that crashes takes down its own
// process, and SimGrid allows one simulation per process anyway. Private to this room.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace scenarios {

struct PoolOptions {
  int workers = 1;
  /// Done in a child: the answer to a piece of work, any bytes. What it throws kills the child.
  std::function<std::string(std::uint64_t number)> work;
  /// Called in the parent with each answer, in the order of arrival.
  std::function<void(std::uint64_t number, std::string answer)> done;
  /// Called in the parent for work whose child died, with how: "was killed by signal 11".
  std::function<void(std::uint64_t number, std::string how)> crashed;
  /// Called in the parent now and then, also while nothing arrives. False ends: no new work is
  /// given out, and children get `grace_s` to finish what they have.
  std::function<bool()> go_on;
  double grace_s = 5.0;
};

/// Works through `numbers`. Children are forked, so everything that `work` needs may be loaded
/// before; @pre no other thread runs.
/// @throws RuntimeFailure where the system refuses processes or pipes.
void run_pool(const std::vector<std::uint64_t>& numbers, const PoolOptions& options);

}  // namespace scenarios
