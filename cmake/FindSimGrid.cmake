# Finds SimGrid (https://simgrid.org), which ships no CMake package in Debian: SimGrid::SimGrid, SimGrid_VERSION.
# SimGrid_ROOT or CMAKE_PREFIX_PATH name other places.
find_path(SimGrid_INCLUDE_DIR simgrid/s4u.hpp)
find_library(SimGrid_LIBRARY simgrid)

if(SimGrid_INCLUDE_DIR)
  file(STRINGS ${SimGrid_INCLUDE_DIR}/simgrid/version.h _simgrid_lines REGEX "#define SIMGRID_VERSION_M")
  string(REGEX MATCH "MAJOR ([0-9]+)" _ "${_simgrid_lines}")
  set(SimGrid_VERSION ${CMAKE_MATCH_1})
  string(REGEX MATCH "MINOR ([0-9]+)" _ "${_simgrid_lines}")
  string(APPEND SimGrid_VERSION .${CMAKE_MATCH_1})
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(SimGrid
  REQUIRED_VARS SimGrid_LIBRARY SimGrid_INCLUDE_DIR VERSION_VAR SimGrid_VERSION)

if(SimGrid_FOUND AND NOT TARGET SimGrid::SimGrid)
  add_library(SimGrid::SimGrid UNKNOWN IMPORTED)
  # An imported target's directories are system directories: no warnings from SimGrid's headers.
  set_target_properties(SimGrid::SimGrid PROPERTIES
    IMPORTED_LOCATION ${SimGrid_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${SimGrid_INCLUDE_DIR})
endif()
mark_as_advanced(SimGrid_INCLUDE_DIR SimGrid_LIBRARY)
