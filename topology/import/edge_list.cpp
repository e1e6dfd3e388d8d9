#include "topology/import/edge_list.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <ostream>
#include <unordered_map>

#include <fmt/format.h>

#include "topology/cluster.hpp"
#include "topology/error.hpp"
#include "topology/import/figure_text.hpp"
#include "topology/import/text_file.hpp"
#include "topology/quantity.hpp"
#include "topology/suggest.hpp"

namespace topology {

namespace {

constexpr std::size_t kLongestLine = 4096;
constexpr std::string_view kShape = "expected FROM TO BANDWIDTH LATENCY [CABLES]";

struct Word {
  std::string_view text;
  bool quoted = false;
};

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

/// Length of the UTF-8 sequence that `text` begins with, 0 if it is none. Source: RFC 3629.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80                    ? 1
                             : lead >= 0xC2 && lead <= 0xDF ? 2
                             : lead >= 0xE0 && lead <= 0xEF ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (length == 0 || length > text.size()) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) {
      return 0;
    }
  }
  const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool beyond = (lead == 0xED && byte(1) > 0x9F) || (lead == 0xF4 && byte(1) > 0x8F);
  return overlong || beyond ? 0 : length;
}

class EdgeListReader {
 public:
  explicit EdgeListReader(const std::string& file) : where_{file} {}

  DeviceGraph read(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) {
      text.remove_prefix(3);
    }
    while (!text.empty()) {
      ++where_.line;
      const std::size_t end = std::min(text.find('\n'), text.size());
      line(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (graph_.devices.empty()) {
      throw InputError(where_, {}, fmt::format("there is no cable in this file; {}", kShape));
    }
    return std::move(graph_);
  }

 private:
  [[noreturn]] void refuse(std::string_view message) const {
    throw InputError(where_, {}, message);
  }

  void line(std::string_view text) {
    if (text.size() > kLongestLine) {
      refuse(fmt::format("the line has more than {} letters", kLongestLine));
    }
    split(text);
    if (words_.empty()) {
      return;
    }
    if (words_[0].text == "device" && !words_[0].quoted) {
      declare();
    } else {
      cable();
    }
  }

  void split(std::string_view text) {
    words_.clear();
    while (true) {
      while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
      }
      if (text.empty() || text.front() == '#') {
        return;
      }
      const bool quoted = text.front() == '"';
      std::size_t end = 0;
      if (quoted) {
        text.remove_prefix(1);
        end = text.find('"');
        if (end == std::string_view::npos) {
          refuse("a quote is opened and not closed");
        }
      } else {
        while (end < text.size() && !is_blank(text[end]) && text[end] != '#') {
          ++end;
        }
      }
      words_.push_back({text.substr(0, end), quoted});
      check_letters(words_.back().text);
      text.remove_prefix(end + (quoted ? 1 : 0));
    }
  }

  void check_letters(std::string_view word) const {
    if (word.empty()) {
      refuse("a name is empty");
    }
    for (std::size_t i = 0; i < word.size();) {
      const std::size_t length = utf8_length(word.substr(i));
      if (length == 0 || static_cast<unsigned char>(word[i]) < ' ' || word[i] == 0x7F) {
        refuse("it holds a control character or bytes that are not UTF-8; is this a text file?");
      }
      i += length;
    }
  }

  void declare() {
    if (words_.size() != 3) {
      refuse(R"(expected device NAME KIND, say device leaf0 leaf)");
    }
    const std::string_view word = words_[2].text;
    const auto kind = vertex_kind_from_name(word);
    if (!kind) {
      refuse(fmt::format("\"{}\" is no kind of device, {}", shown(word),
                         did_you_mean(word, vertex_kind_words())));
    }
    if (names_.contains(std::string(words_[1].text))) {
      refuse(fmt::format("the device \"{}\" is already there; declare it once, before its cables",
                         shown(words_[1].text)));
    }
    add(words_[1].text, *kind);
  }

  std::uint32_t add(std::string_view name, VertexKind kind) {
    if (graph_.devices.size() >= kMostDevices) {
      refuse(fmt::format("there are more than {} devices", kMostDevices));
    }
    const auto index = static_cast<std::uint32_t>(graph_.devices.size());
    names_.emplace(std::string(name), index);
    graph_.devices.push_back({std::string(name), kind});
    return index;
  }

  std::uint32_t device(std::string_view name) {
    if (const auto known = names_.find(std::string(name)); known != names_.end()) {
      return known->second;
    }
    const auto kind = vertex_kind_of_device(name);
    if (!kind) {
      refuse(
          fmt::format("there is no device \"{}\", and its name does not begin with a kind; write "
                      "a line before this one: device {} KIND",
                      shown(name), shown(name)));
    }
    return add(name, *kind);
  }

  /// A figure of one word ("1us") or of two ("1 us"), from words_[at] on.
  std::string figure(std::size_t& at, std::string_view what) const {
    if (at >= words_.size()) {
      refuse(fmt::format("the {} is missing; {}", what, kShape));
    }
    std::string text(words_[at++].text);
    const char last = text.back();
    if (at < words_.size() &&
        (std::isdigit(static_cast<unsigned char>(last)) != 0 || last == '.') &&
        std::isdigit(static_cast<unsigned char>(words_[at].text.front())) == 0) {
      text += ' ';
      text += words_[at++].text;
    }
    return text;
  }

  void cable() {
    if (graph_.cables.size() >= kMostCables) {
      refuse(fmt::format("there are more than {} cables", kMostCables));
    }
    const bool one_way = words_.size() > 1 && words_[1].text == "->" && !words_[1].quoted;
    std::size_t at = one_way ? 2 : 1;
    if (words_.size() <= at) {
      refuse(fmt::format("the line ends too early; {}", kShape));
    }
    DeviceGraph::Cable cable;
    cable.one_way = one_way;
    cable.from = device(words_[0].text);
    cable.to = device(words_[at++].text);
    const std::string bandwidth = figure(at, "bandwidth");
    const std::string latency = figure(at, "latency");
    cable.latency = parse_quantity<units::Seconds>(latency, where_, "latency");
    cable.latency_back = cable.latency;
    if (at < words_.size()) {
      cable.count = count(words_[at++].text);
    }
    if (at < words_.size()) {
      refuse(fmt::format("\"{}\" is too much; {}", shown(words_[at].text), kShape));
    }
    cable.bandwidth =
        parse_quantity<units::BytesPerSecond>(bandwidth, where_, "bandwidth") * cable.count;
    if (const std::string fault = fault_of(cable); !fault.empty()) {
      refuse("the cable " + fault);
    }
    graph_.cables.push_back(cable);
  }

  [[nodiscard]] int count(std::string_view word) const {
    int value = 0;
    const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || rest != word.data() + word.size()) {
      refuse(fmt::format("\"{}\" is no number of cables; {}", shown(word), kShape));
    }
    return value;
  }

  Location where_;
  DeviceGraph graph_;
  std::unordered_map<std::string, std::uint32_t> names_;
  std::vector<Word> words_;
};

/// Names as they may stand between quotes, all different.
std::vector<std::string> names_of(const DeviceGraph& graph) {
  std::vector<std::string> names;
  names.reserve(graph.devices.size());
  for (const auto& device : graph.devices) {
    std::string& name = names.emplace_back(device.name.empty() ? "?" : device.name);
    std::replace_if(
        name.begin(), name.end(),
        [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '"' || c == 0x7F; }, '?');
  }
  return distinct_names(std::move(names));
}

}  // namespace

DeviceGraph parse_edge_list(std::string_view text, const std::string& file) {
  return EdgeListReader(file).read(text);
}

DeviceGraph read_edge_list(const std::filesystem::path& path) {
  return parse_edge_list(read_text_file(path), path.string());
}

void write_edge_list(const DeviceGraph& graph, std::ostream& out) {
  const std::vector<std::string> names = names_of(graph);
  out << "# device NAME KIND; FROM TO BANDWIDTH LATENCY [CABLES], bandwidth of one cable\n";
  for (std::size_t i = 0; i < names.size(); ++i) {
    out << fmt::format("device \"{}\" \"{}\"\n", names[i], name(graph.devices[i].kind));
  }
  const auto line = [&](std::uint32_t from, std::string_view arrow, std::uint32_t to,
                        const DeviceGraph::Cable& cable, units::Seconds latency) {
    out << fmt::format(R"("{}"{}"{}" {} {})", names[from], arrow, names[to],
                       figure_text(cable.bandwidth / cable.count), figure_text(latency));
    out << (cable.count == 1 ? "\n" : fmt::format(" {}\n", cable.count));
  };
  for (const auto& cable : graph.cables) {
    if (cable.one_way || cable.latency != cable.latency_back) {
      line(cable.from, " -> ", cable.to, cable, cable.latency);
      if (!cable.one_way) {
        line(cable.to, " -> ", cable.from, cable, cable.latency_back);
      }
    } else {
      line(cable.from, " ", cable.to, cable, cable.latency);
    }
  }
}

}  // namespace topology
