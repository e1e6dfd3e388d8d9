#pragma once
// What each view is for and how it is used: F1, What's this, and screen readers.
#include <QString>

namespace gui {

enum class View { Results, Run, Topology, Timeline, Explore, Compare, Calibrate, Sources };

QString help_of(View view);

}  // namespace gui
