#include <fmt/format.h>

#include "scenarios/page/page.hpp"

namespace scenarios {

namespace {

/// Text that Markdown takes as it stands, inside a table too.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += ' ';
      continue;
    }
    if (std::string_view(R"(\`*_[]<>|#)").find(c) != std::string_view::npos) {
      out += '\\';
    }
    out += c;
  }
  return out;
}

std::string table_markdown(const Table& t) {
  std::string out = t.caption.empty() ? "" : fmt::format("**{}**\n\n", plain(t.caption));
  std::string rule = "|";
  out += "|";
  for (std::size_t i = 0; i < t.columns.size(); ++i) {
    out += fmt::format(" {} |", plain(t.columns[i].name));
    rule += i == 0 || t.columns[i].align == Align::Text ? "---|" : "---:|";
  }
  out += "\n" + rule + "\n";
  for (const std::vector<std::string>& row : t.rows) {
    out += "|";
    for (const std::string& cell : row) {
      out += fmt::format(" {} |", plain(cell));
    }
    out += "\n";
  }
  return out + "\n";
}

struct AsMarkdown {
  std::string operator()(const Cards& cards) const {
    Table t{.caption = {},
            .columns = {{"", Align::Text}, {"", Align::Text}, {"", Align::Text}},
            .rows = {}};
    for (const Card& c : cards.cards) {
      t.rows.push_back({c.label, c.value, c.detail});
    }
    return table_markdown(t);
  }
  std::string operator()(const Paragraph& p) const { return plain(p.text) + "\n\n"; }
  std::string operator()(const BulletList& list) const {
    std::string out = list.title.empty() ? "" : fmt::format("### {}\n\n", plain(list.title));
    for (const std::string& item : list.items) {
      out += fmt::format("- {}\n", plain(item));
    }
    return out + "\n";
  }
  std::string operator()(const Table& t) const { return table_markdown(t); }
  std::string operator()(const Figure& f) const {
    std::string out = fmt::format("### {}\n\n", plain(f.title));
    out += f.note.empty() ? "" : plain(f.note) + "\n\n";
    return f.numbers.rows.empty() ? out : out + table_markdown(f.numbers);
  }
};

}  // namespace

std::string as_markdown(const Page& page) {
  std::string out = fmt::format("# {}\n\n{}\n\n", plain(page.title), plain(page.lead));
  for (const Section& s : page.sections) {
    out += fmt::format("## {}\n\n", plain(s.title));
    for (const Block& block : s.blocks) {
      out += std::visit(AsMarkdown{}, block);
    }
  }
  while (out.ends_with("\n\n")) {
    out.pop_back();
  }
  return out;
}

}  // namespace scenarios
