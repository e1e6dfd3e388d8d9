#pragma once
// "Did you mean", for the messages of this room.
#include "topology/suggest.hpp"

namespace scenarios {

using topology::did_you_mean;
using topology::nearest;
using topology::quoted_list;

}  // namespace scenarios
