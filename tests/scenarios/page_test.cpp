// Pages for people: one set of values as HTML and as Markdown, and the charts in them.
#include "scenarios/page/page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/page/charts.hpp"
#include "scenarios/page/svg_frame.hpp"

namespace scenarios {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Page example() {
  const Table table{.caption = "Prices",
                    .columns = {{"what", Align::Text}, {"USD"}},
                    .rows = {{"a <b> | c", "1.50"}}};
  return {.title = "Run & cost",
          .lead = "of *one* job",
          .sections = {{.id = "money",
                        .title = "Money",
                        .blocks = {Cards{{{"step", "5.9 s", "4.8 to 8.3"}}}, Paragraph{"a_b"},
                                   BulletList{.title = "Why", .items = {"because"}}, table}}}};
}

TEST(Page, HtmlStandsAloneAndEscapesText) {
  const std::string html = as_html(example());
  EXPECT_THAT(html, HasSubstr("<h1>Run &amp; cost</h1>"));
  EXPECT_THAT(html, HasSubstr("a &lt;b&gt; | c"));
  EXPECT_THAT(html, HasSubstr("<a href=\"#money\">Money</a>"));
  EXPECT_THAT(html, HasSubstr("<section id=\"money\">"));
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(html, HasSubstr("@media print"));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("http")));
}

TEST(Page, MarkdownSaysTheSameAndEscapesItsOwnSigns) {
  const std::string text = as_markdown(example());
  EXPECT_THAT(text, HasSubstr("# Run & cost\n\nof \\*one\\* job\n\n## Money\n"));
  EXPECT_THAT(text, HasSubstr("| step | 5.9 s | 4.8 to 8.3 |"));
  EXPECT_THAT(text, HasSubstr("a\\_b"));
  EXPECT_THAT(text, HasSubstr("- because\n"));
  EXPECT_THAT(text, HasSubstr("| what | USD |\n|---|---:|\n| a \\<b\\> \\| c | 1.50 |\n"));
}

TEST(Charts, PowersOfTenAreEvenlySpacedAndLinesNamedAtTheirEnd) {
  const std::string svg =
      log_chart("Roofline", {{.x = 10, .y = 1, .label = "norm", .tip = "10 FLOP/byte"}},
                {{.points = {{1, 0.1}, {100, 10}}, .colour = 6, .label = "a & b"}}, "x", "y");
  // 1 to 100 across 960 px less margins of 64 and 24: a point at 10 is half way.
  EXPECT_THAT(svg, HasSubstr("<circle cx=\"500.0\""));
  EXPECT_THAT(svg, HasSubstr("<title>10 FLOP/byte</title>"));
  EXPECT_THAT(svg, HasSubstr(">norm</text>"));
  EXPECT_THAT(svg, HasSubstr("a &amp; b"));
  EXPECT_THAT(svg, HasSubstr(">0.1</text>"));
}

TEST(Page, AFigureHasItsNumbersInBothFormats) {
  const Figure figure{
      .title = "Power",
      .svg = "<svg></svg>",
      .note = "MW",
      .legend = {{1, "forward"}},
      .numbers = {
          .caption = {}, .columns = {{"at", Align::Text}, {"MW"}}, .rows = {{"0 s", "16"}}}};
  const std::string html = html_of(figure);
  EXPECT_THAT(html, HasSubstr("<svg></svg>"));
  EXPECT_THAT(html, HasSubstr("background:var(--c1)"));
  EXPECT_THAT(html, HasSubstr("<td>16</td>"));
  EXPECT_THAT(as_markdown({.title = "t", .lead = "l", .sections = {{"s", "S", {figure}}}}),
              HasSubstr("### Power\n\nMW\n\n| at | MW |"));
}

TEST(Ticks, AreOneTwoOrFiveTimesAPowerOfTen) {
  EXPECT_THAT(ticks({0.0, 5.9}, 8), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(ticks({-0.1, 0.1}, 4),
              ElementsAre(testing::DoubleEq(-0.1), -0.05, 0.0, 0.05, testing::DoubleEq(0.1)));
  EXPECT_DOUBLE_EQ(tick_step({0.0, 1700.0}, 8), 500.0);
  EXPECT_EQ(tick_text(0.25, 0.05), "0.25");
  EXPECT_EQ(tick_text(2000, 500), "2000");
  EXPECT_EQ(tick_text(-1e-18, 0.5), "0.0");
}

TEST(Ticks, ARangeWithoutWidthGetsOne) {
  const Range range = rounded({3.0, 3.0}, 8);
  EXPECT_LT(range.low, 3.0);
  EXPECT_GT(range.high, 3.0);
}

TEST(BarChart, LengthsAreInProportion) {
  const std::string chart =
      bar_chart("t", {{"one", {{0, 100, 0, ""}}}, {"two", {{100, 300, 0, ""}}}}, "TFLOP/s");
  // Axis 0 to 300 over W pixels: the second bar starts where the first ends and is twice as wide.
  const auto attribute = [&chart](std::size_t from, const char* name) {
    return std::stod(chart.substr(chart.find(name, from) + std::string(name).size()));
  };
  const std::size_t first = chart.find("<rect"), second = chart.find("<rect", first + 1);
  const double width = attribute(first, "width=\"");
  EXPECT_NEAR(attribute(second, "width=\""), 2 * width, 0.15);
  EXPECT_NEAR(attribute(second, " x=\""), attribute(first, " x=\"") + width, 0.15);
}

TEST(GanttChart, AColumnShowsWhatTookMostOfIt) {
  const double column = 1.0;
  const double end = column * kGanttColumns;
  // Column 0: colour 1 for 0.6; column 1: 0.3 of colour 1 and the rest idle; columns 2 and 3:
  // colour 2.
  const std::string chart = gantt_chart(
      "t", {{"stage 0", {{0.0, 0.6, 0, 1}, {1.0, 1.3, 0, 1}, {2.0, 4.0, 0, 2}}}}, end, "s");
  const std::size_t one = chart.find("h1\" stroke=\"var(--c1)\"");
  const std::size_t two = chart.find("h2\" stroke=\"var(--c2)\"");
  EXPECT_NE(one, std::string::npos) << chart;
  EXPECT_NE(two, std::string::npos) << chart;
}

TEST(ScatterChart, LabelsDoNotCoverEachOther) {
  std::vector<ChartPoint> points;
  for (int i = 0; i < 40; ++i) {
    points.push_back(
        {.x = 1.0 + i * 1e-3, .y = 1.0, .colour = 0, .label = "the same place", .tip = ""});
  }
  points.push_back({.x = 2.0, .y = 0.5, .colour = 0, .label = "elsewhere", .tip = ""});
  const std::string chart = scatter_chart("t", points, "x", "y");
  std::size_t written = 0;
  for (std::size_t at = chart.find("the same place"); at != std::string::npos;
       at = chart.find("the same place", at + 1)) {
    ++written;
  }
  EXPECT_GE(written, 1U);
  EXPECT_LE(written, 6U);  // three lines on either side
  EXPECT_THAT(chart, HasSubstr("elsewhere"));
}

}  // namespace
}  // namespace scenarios
