#pragma once
// Which degrees of parallelism a scenario could have, told before anything runs: by the scenario's
// own reader, and the memory by the count that `gpuplan simulate` reports.
#include <map>
#include <vector>

#include <QString>

#include "gui/draft.hpp"
#include "scenarios/catalog.hpp"

namespace gui {

enum class Verdict { Fits, TooLarge, Impossible };

/// One value of one degree, all else as it is; the data-parallel degree follows.
struct LayoutChoice {
  int value = 1;
  Verdict verdict = Verdict::Impossible;
  QString why;  ///< "61.2 GiB of 80 GiB", or what the reader says
};

/// By key: "layout.tp". A degree that the model cannot split (no experts) has no choices.
using LayoutChoices = std::map<QString, std::vector<LayoutChoice>>;

/// Keys that have choices, in the order of the form.
const QStringList& layout_choice_keys();

/// The settings that make `key` have `value`: the data-parallel degree follows.
std::vector<Setting> settings_for(const QString& key, int value);

/// Some dozens of readings of the text, a few milliseconds each: for a thread of its own, with a
/// catalog of its own. Nothing where the text is no scenario at all.
LayoutChoices layout_choices(const Subject& subject, const scenarios::Catalog& catalog);

}  // namespace gui
