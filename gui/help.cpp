#include "gui/help.hpp"

#include <QCoreApplication>

namespace gui {

namespace {

struct Help {
  Q_DECLARE_TR_FUNCTIONS(help)
};

}  // namespace

QString help_of(View view) {
  switch (view) {
    case View::Results:
      return Help::tr(
          "<b>Results</b><p>One training step: cards with ranges and changes to the baseline, the "
          "way from the accelerator's peak to what is achieved, where the time and the memory "
          "go.</p><p>The closed form answers after each edit; F5 simulates the network.</p>");
    case View::Roofline:
      return Help::tr(
          "<b>Roofline</b><p>Each kernel of the step on the busiest stage by what it computes per "
          "byte of memory and per second, under what the accelerator could do: to the left of the "
          "bend memory limits, to the right the matrix units.</p><p>A click or the arrow keys pick "
          "a kernel, in the chart or in the table.</p>");
    case View::Run:
      return Help::tr(
          "<b>Whole run</b><p>The step repeated until the tokens are done, with failures, "
          "checkpoints, energy and money. Type the tokens at the top; how it is paid and what it "
          "may cost stand in the scenario (purchase, limits).</p><p>P5 and P95 are the ends "
          "between which 90 of 100 simulated courses lie.</p>");
    case View::Topology:
      return Help::tr(
          "<b>Topology</b><p>The cluster as a map, the cables between switches as a matrix, the "
          "busiest links as a list, coloured by load once the network is simulated (F5).</p>"
          "<p>Wheel, + and - zoom, arrows select, 0 shows all. \"Fail\" makes a variant without "
          "what is selected and simulates it.</p><p>What is selected lists the flows in and out of "
          "it: what for, with whom, how many bytes of the step, over which link. A row, or the "
          "list of collectives, shows every device and link that the collective travels; Esc "
          "clears. Links that are provably alike were simulated as one; collectives inside a "
          "scale-up "
          "domain, the loading of data and checkpoints are timed without flows.</p>");
    case View::Timeline:
      return Help::tr(
          "<b>Timeline</b><p>The simulated step, a row per stage and stream. Where a pixel covers "
          "many spans it shows their fractions.</p><p>W and S zoom, A and D move, a drag selects "
          "and adds up, a click shows what a span waited for, Esc clears. Another run can stand "
          "beside it.</p>");
    case View::Explore:
      return Help::tr(
          "<b>Explore</b><p><i>What if</i>: drag a number, the closed form answers at once. "
          "<i>Sweep</i>: vary what the buttons ⇄ beside the form's fields added. <i>Plan</i>: "
          "find the best layout, or the best cluster under limits.</p><p>A frame dragged in the "
          "chart picks; what is picked becomes a variant.</p>");
    case View::Compare:
      return Help::tr(
          "<b>Compare</b><p>All open scenarios, changes told against the first. Enter on a row "
          "shows that scenario.</p>");
    case View::Calibrate:
      return Help::tr(
          "<b>Calibrate</b><p>Measure with gpuplan-runner, here or behind a command such as ssh "
          "or srun, or add files of others; fit a profile; look at its errors; adopt it for "
          "simulations.</p>");
    case View::Sources:
      return Help::tr(
          "<b>Sources</b><p>Every value of the scenario and where it comes from: the file's line, "
          "a catalog entry with its data sheet and date, or a documented default.</p>");
  }
  return {};
}

}  // namespace gui
