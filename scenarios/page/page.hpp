#pragma once
// A page for people, as values: cards, text, tables and figures in sections. Written as one HTML
// file that loads nothing, or as Markdown; both say the same.
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace scenarios {

/// A figure that counts: what, how much, and what belongs to it.
struct Card {
  std::string label, value, detail;
};
struct Cards {
  std::vector<Card> cards;
};

struct Paragraph {
  std::string text;
};

struct BulletList {
  std::string title;  ///< may be empty
  std::vector<std::string> items;
};

enum class Align { Text, Number };
struct Column {
  std::string name;
  Align align = Align::Number;
};
/// Rows have a cell for each column; the first cell names the row, indented by em spaces.
struct Table {
  std::string caption;
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
  bool folded = false;  ///< shown when the reader opens it (HTML)
};

/// A drawing, and its numbers for those who do not see it (and for Markdown).
struct Figure {
  std::string title;
  std::string svg;   ///< see charts.hpp; colours are those of the page's style
  std::string note;  ///< how to read it
  std::vector<std::pair<int, std::string>> legend;  ///< colour, what it stands for
  Table numbers;
};

using Block = std::variant<Cards, Paragraph, BulletList, Table, Figure>;

struct Section {
  std::string id;  ///< of the link to it
  std::string title;
  std::vector<Block> blocks;
};

struct Page {
  std::string title;
  std::string lead;  ///< what the page is of, and what made it
  std::vector<Section> sections;
};

std::string as_html(const Page& page);
std::string as_markdown(const Page& page);

/// The first and the last lines of an HTML page of this program: one style for all of them, which
/// follows the reader's light or dark theme and prints in black on white. Series have the colours
/// var(--c0) to var(--c6), which colour-blind readers can tell apart.
std::string html_begin(std::string_view title);
std::string html_end();
/// One block as HTML.
std::string html_of(const Block& block);

}  // namespace scenarios
