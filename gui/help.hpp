#pragma once
// What each view is for and how it is used: F1, What's this, and screen readers.
#include <QString>

namespace gui {

/// Roofline is a page of the results; the others have a tab each.
enum class View { Results, Run, Topology, Timeline, Explore, Compare, Calibrate, Sources, Roofline };

QString help_of(View view);

}  // namespace gui
