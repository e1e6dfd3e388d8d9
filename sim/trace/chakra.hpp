#pragma once
// Chakra execution traces: length-delimited protobuf messages, a header and then one per operation.
// Source of the format: MLCommons Chakra schema (mlcommons/chakra, schema/protobuf/et_def.proto).
#include <iosfwd>
#include <string>

#include "sim/trace/execution_trace.hpp"

namespace sim {

/// Reads the trace of one rank to the end of `in`. Bears what real files hold: attributes of any
/// integer type or without a value, ids in any order, unknown fields. Memory is linear in the file.
/// @throws topology::InputError naming `file` and the offset: a message that is longer than the
/// file or 64 MiB, is cut, or is no such message; and what TraceBuilder::finish refuses.
ExecutionTrace read_chakra(std::istream& in, const std::string& file);

/// The same bytes for the same trace. Durations are whole microseconds, at least one unless zero.
void write_chakra(const ExecutionTrace& trace, std::ostream& out);

}  // namespace sim
