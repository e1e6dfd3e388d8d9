#pragma once
// Records out of what nccl-tests and rccl-tests print.
#include <string>
#include <string_view>

#include "calib/import/description.hpp"
#include "calib/records.hpp"

namespace calib {

/// One run of collective records out of the text output of nccl-tests or rccl-tests (as printed, or
/// inside another log: mpirun's "0: " before each line, indentation, prose around it), nccl-tests'
/// JSON file (-J; its version 2) or rccl-tests' (-Z json). A line gives a record per buffer
/// placement (out of place, in place); rows without bytes are left out. Sources: nccl-tests
/// src/util.cu, rccl-tests src/common.cu.
///
/// What the text does not say is found in this order: `known`, the devices that it lists, names of
/// collectives and machines in the text and in the name of `file`, busbw / algbw (2(n-1)/n for
/// all_reduce, (n-1)/n for the others, doc/PERFORMANCE.md of nccl-tests); eight ranks per node
/// where nothing tells, with a note.
/// @throws topology::InputError with file and line, or saying what has to be given.
RunRecords import_nccl_tests(std::string_view text, const std::string& file,
                             const Description& known);

}  // namespace calib
