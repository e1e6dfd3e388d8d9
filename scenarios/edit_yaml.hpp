#pragma once
// Single values of a YAML text, changed where they stand: comments, order and layout of everything
// else are kept byte for byte. For editors.
#include <optional>
#include <string>
#include <string_view>

namespace scenarios {

/// The value at a dotted path ("training.global_batch", "cluster.overrides.nic.bandwidth") as the
/// text writes it, quotes and brackets included; nothing where it is not given.
/// @throws InputError if the text is not the YAML of a scenario; `name` stands for the file.
std::optional<std::string> value_in_text(const std::string& text, std::string_view path,
                                         const std::string& name = "scenario");

/// The text with the value at `path` changed, added, or, without a `value`, taken away. `value` is
/// typed as in a file ("4", "400 Gbit/s", "{layers: 4}"); quotes are added where the text would be
/// read as something else. A name that gets a value below it ("model.layers" of "model: gpt3-175b")
/// becomes a map with that name as base. The result is read again: what else it says is the same.
/// @throws InputError if the text is not YAML, or a value of this shape cannot be changed in place.
std::string with_value(const std::string& text, std::string_view path,
                       const std::optional<std::string>& value,
                       const std::string& name = "scenario");

}  // namespace scenarios
