#include "sim/engine/deep_stack.hpp"

#include <cstring>
#include <exception>

#include <fmt/format.h>
#include <pthread.h>

#include "topology/error.hpp"

namespace sim {

namespace {

struct Task {
  const std::function<void()>& work;
  std::exception_ptr failure;
};

void* perform(void* argument) {
  auto* task = static_cast<Task*>(argument);
  try {
    task->work();
  } catch (...) {
    task->failure = std::current_exception();
  }
  return nullptr;
}

class ThreadAttributes {
 public:
  explicit ThreadAttributes(std::size_t stack_bytes) {
    pthread_attr_init(&value_);
    pthread_attr_setstacksize(&value_, stack_bytes);
  }
  ~ThreadAttributes() { pthread_attr_destroy(&value_); }
  ThreadAttributes(const ThreadAttributes&) = delete;
  ThreadAttributes& operator=(const ThreadAttributes&) = delete;
  [[nodiscard]] const pthread_attr_t* get() const { return &value_; }

 private:
  pthread_attr_t value_{};
};

}  // namespace

void run_on_deep_stack(std::size_t stack_bytes, const std::function<void()>& work) {
  Task task{work, nullptr};
  const ThreadAttributes attributes(stack_bytes);
  pthread_t thread{};
  const int error = pthread_create(&thread, attributes.get(), perform, &task);
  if (error != 0) {
    throw topology::RuntimeFailure(fmt::format(
        "the simulation thread with {} MiB of stack could not start ({}); raise the limit on "
        "virtual memory (ulimit -v)",
        stack_bytes >> 20, std::strerror(error)));
  }
  pthread_join(thread, nullptr);
  if (task.failure) {
    std::rethrow_exception(task.failure);
  }
}

}  // namespace sim
