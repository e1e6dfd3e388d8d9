// The look of every HTML page of this program.
#include <fmt/format.h>

#include "scenarios/html_text.hpp"
#include "scenarios/page/page.hpp"

namespace scenarios {

namespace {

// Series colours: the palette of Okabe and Ito ("Color Universal Design", 2008), lightened for dark
// pages.
constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --paper: #ffffff;
  --raised: #f6f8fa; --c0: #0072b2; --c1: #c24e00; --c2: #007d5b; --c3: #a8568a; --c4: #b07800;
  --c5: #56b4e9; --c6: #8c959f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9da7b1; --line: #3d444d;
  --paper: #0d1117; --raised: #161b22; --c0: #56b4e9; --c1: #ff8f4a; --c2: #3fc79a; --c3: #e3a1c9;
  --c4: #f0c05a; --c5: #2f7fb5; --c6: #6e7681; } }
@media print { svg { min-width: 0 !important; } :root { color-scheme: light; --ink: #000; --soft: #444; --line: #bbb; --paper: #fff;
  --raised: #fff; --c0: #0072b2; --c1: #c24e00; --c2: #007d5b; --c3: #a8568a; --c4: #b07800;
  --c5: #56b4e9; --c6: #8c959f; } nav { display: none; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 72rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: break-word; }
h1 { line-height: 1.2; margin-bottom: .25rem; } h2 { margin: 2.5rem 0 .75rem; padding-top: .5rem;
  border-top: 1px solid var(--line); } .lead, figcaption, .detail { color: var(--soft); }
a { color: var(--c0); } nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0;
  list-style: none; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .75rem;
  margin: 1rem 0; } .card { background: var(--raised); border: 1px solid var(--line);
  border-radius: 6px; padding: .6rem .9rem; break-inside: avoid; }
.card .label { color: var(--soft); font-size: .875rem; } .card .value { font-size: 1.375rem;
  font-weight: 600; line-height: 1.3; } .card .detail { font-size: .875rem; }
table { border-collapse: collapse; margin: 1rem 0; } caption { text-align: left; font-weight: 600;
  padding-bottom: .25rem; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid var(--line); text-align: right;
  vertical-align: top; font-variant-numeric: tabular-nums; }
th { font-weight: 600; } tbody th { font-weight: 400; }
td:nth-child(n+3).text { min-width: 12rem; }
th:first-child, td:first-child, th.text, td.text { text-align: left; }
th:first-child { padding-left: 0; } td:not(.text) { white-space: nowrap; }
figure { margin: 1.5rem 0; break-inside: avoid; } figure h3 { margin: 0 0 .25rem; font-size: 1rem; }
.scroll { overflow-x: auto; } svg { display: block; width: 100%; height: auto; min-width: 48rem; }
svg text { fill: var(--soft); font: 12px system-ui, sans-serif; } svg .ink { fill: var(--ink); }
.axis { stroke: var(--line); } .zero { stroke: var(--ink); } .band { stroke: var(--soft);
  stroke-dasharray: 4 4; } .legend { display: flex; flex-wrap: wrap; gap: 0 1.25rem;
  margin: .25rem 0; padding: 0; list-style: none; font-size: .875rem; }
.legend span { display: inline-block; width: .8em; height: .8em; border-radius: 2px;
  margin-right: .4em; } summary { cursor: pointer; color: var(--soft); }
)";

}  // namespace

std::string html_begin(std::string_view title) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
      "name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n"
      "<style>{}</style>\n</head>\n<body>\n<main>\n",
      html_text(title), kStyle);
}

std::string html_end() {
  return "</main>\n</body>\n</html>\n";
}

}  // namespace scenarios
