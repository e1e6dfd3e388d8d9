#pragma once
// Runs a function on a thread with a large stack. Internal to sim/engine.
#include <cstddef>
#include <functional>

namespace sim {

/// Calls `work` on a thread of its own with `stack_bytes` of stack and waits for it; an exception
/// comes back to the caller. The stack is address space only: pages count once they are touched.
/// @throws topology::RuntimeFailure if the system gives no such thread.
void run_on_deep_stack(std::size_t stack_bytes, const std::function<void()>& work);

}  // namespace sim
