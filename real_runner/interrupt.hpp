#pragma once
// SIGINT and SIGTERM end a run in good order: the present sample is finished, the end line written.

namespace real_runner {

/// From now on the first SIGINT or SIGTERM is only noted; a second one ends the program at once.
void note_interrupts();

/// Whether one was noted.
[[nodiscard]] bool interrupted();

}  // namespace real_runner
