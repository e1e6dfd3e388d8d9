#pragma once
// `gpuplan catalog`: what names there are, and what stands behind one.
#include <string>

#include "scenarios/simulate.hpp"

namespace scenarios {

struct ShowCatalogOptions {
  std::string kind;  ///< "models"; empty: how many entries of each kind
  std::string name;  ///< empty: all names of the kind with a line each
  OutputFormat format = OutputFormat::Table;
};

/// Writes to stdout and returns 0. @throws topology::InputError for an unknown kind or name.
int show_catalog(const ShowCatalogOptions& options);

}  // namespace scenarios
