#include <fmt/format.h>

#include "scenarios/html_text.hpp"
#include "scenarios/page/page.hpp"

namespace scenarios {

namespace {

std::string cell_class(Align align) {
  return align == Align::Text ? " class=\"text\"" : "";
}

/// The row's name; what is indented with em spaces stays so where it wraps.
std::string row_name(std::string_view text) {
  constexpr std::string_view kIndent = "\u2003";
  int depth = 0;
  for (; text.starts_with(kIndent); ++depth) {
    text.remove_prefix(kIndent.size());
  }
  return fmt::format("<th scope=\"row\"{}>{}</th>",
                     depth > 0 ? fmt::format(" style=\"padding-left:{}em\"", depth) : "",
                     html_text(text));
}

std::string table_html(const Table& t, std::string_view caption) {
  std::string out = "<div class=\"scroll\"><table>";
  out += caption.empty() ? "" : fmt::format("<caption>{}</caption>", html_text(caption));
  out += "<thead><tr>";
  for (const Column& c : t.columns) {
    out += fmt::format("<th scope=\"col\"{}>{}</th>", cell_class(c.align), html_text(c.name));
  }
  out += "</tr></thead><tbody>\n";
  for (const std::vector<std::string>& row : t.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += i == 0
                 ? row_name(row[i])
                 : fmt::format("<td{}>{}</td>", cell_class(t.columns[i].align), html_text(row[i]));
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

std::string folded(std::string_view summary, const std::string& inside) {
  return fmt::format("<details><summary>{}</summary>\n{}</details>\n", html_text(summary), inside);
}

struct AsHtml {
  std::string operator()(const Cards& cards) const {
    std::string out = "<div class=\"cards\">\n";
    for (const Card& c : cards.cards) {
      out += fmt::format(
          "<div class=\"card\"><div class=\"label\">{}</div><div class=\"value\">{}</div><div "
          "class=\"detail\">{}</div></div>\n",
          html_text(c.label), html_text(c.value), html_text(c.detail));
    }
    return out + "</div>\n";
  }

  std::string operator()(const Paragraph& p) const {
    return fmt::format("<p>{}</p>\n", html_text(p.text));
  }

  std::string operator()(const BulletList& list) const {
    std::string out = list.title.empty() ? "" : fmt::format("<h3>{}</h3>\n", html_text(list.title));
    out += "<ul>\n";
    for (const std::string& item : list.items) {
      out += fmt::format("<li>{}</li>\n", html_text(item));
    }
    return out + "</ul>\n";
  }

  std::string operator()(const Table& t) const {
    return t.folded ? folded(t.caption, table_html(t, {})) : table_html(t, t.caption);
  }

  std::string operator()(const Figure& f) const {
    std::string out = fmt::format("<figure>\n<h3>{}</h3>\n", html_text(f.title));
    if (!f.legend.empty()) {
      out += "<ul class=\"legend\">";
      for (const auto& [colour, what] : f.legend) {
        out += fmt::format("<li><span style=\"background:var(--c{})\"></span>{}</li>", colour,
                           html_text(what));
      }
      out += "</ul>\n";
    }
    out += fmt::format("<div class=\"scroll\">{}</div>\n", f.svg);
    out += f.note.empty() ? "" : fmt::format("<figcaption>{}</figcaption>\n", html_text(f.note));
    if (!f.numbers.rows.empty()) {
      out += folded("As a table", table_html(f.numbers, f.numbers.caption));
    }
    return out + "</figure>\n";
  }
};

}  // namespace

std::string html_of(const Block& block) {
  return std::visit(AsHtml{}, block);
}

std::string as_html(const Page& page) {
  std::string out = html_begin(page.title);
  out += fmt::format("<h1>{}</h1>\n<p class=\"lead\">{}</p>\n<nav><ul>", html_text(page.title),
                     html_text(page.lead));
  for (const Section& s : page.sections) {
    out += fmt::format("<li><a href=\"#{}\">{}</a></li>", s.id, html_text(s.title));
  }
  out += "</ul></nav>\n";
  for (const Section& s : page.sections) {
    out += fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n", s.id, html_text(s.title));
    for (const Block& block : s.blocks) {
      out += html_of(block);
    }
    out += "</section>\n";
  }
  return out + html_end();
}

}  // namespace scenarios
