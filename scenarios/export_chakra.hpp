#pragma once
// `gpuplan simulate --chakra PREFIX`: the step as execution traces, one file per rank.
#include <filesystem>

#include "sim/plan/layout.hpp"
#include "sim/step/graph.hpp"

namespace scenarios {

/// More ranks than this are written only on request.
inline constexpr int kMostTraceFiles = 4096;

enum class ManyFiles { Refuse, Write };

/// Writes PREFIX.0.et, PREFIX.1.et, ... and says on stderr, before it does, how many files and
/// about how many bytes.
/// @throws topology::InputError for more than kMostTraceFiles ranks with ManyFiles::Refuse, and
/// where files of an earlier export with more ranks would be left over; topology::RuntimeFailure if
/// a file cannot be written.
void export_chakra(const sim::StepGraph& graph, const sim::Layout& layout,
                   const std::filesystem::path& prefix, ManyFiles many);

}  // namespace scenarios
