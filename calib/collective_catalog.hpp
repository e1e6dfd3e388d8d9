#pragma once
// Which collective profile an accelerator gets.
#include <filesystem>

#include "calib/collective_profile.hpp"
#include "topology/hardware.hpp"

namespace calib {

/// The accelerator's own profile, `folder`/collectives-<id>.json; else that of its nearest measured
/// relative, transferred with a warning: on a torus collectives-torus, in a mesh
/// collectives-a100-80 for NVIDIA (the same library and links) and collectives-mi300x for others,
/// on PCIe collectives-l40s, else that of the accelerator whose kernels it borrows (`to.profile`)
/// or, failing that, collectives-h100-sxm.
/// @throws topology::InputError if neither can be read.
CollectiveProfile collective_profile_for(const topology::Accelerator& to,
                                         const std::filesystem::path& folder);

}  // namespace calib
