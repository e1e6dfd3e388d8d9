#include "topology/import/graphml.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <ostream>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "topology/cluster.hpp"
#include "topology/import/figure_text.hpp"
#include "topology/import/text_file.hpp"
#include "topology/import/xml.hpp"
#include "topology/names.hpp"
#include "topology/quantity.hpp"
#include "topology/suggest.hpp"

namespace topology {

namespace {

/// What a data key means to us.
enum class Field : std::uint8_t { Kind, Name, Label, Bandwidth, Latency, LatencyBack, Count };
constexpr std::size_t kFields = 7;
constexpr std::array kFieldNames{
    Named<Field>{Field::Kind, "kind"},       Named<Field>{Field::Name, "name"},
    Named<Field>{Field::Label, "label"},     Named<Field>{Field::Bandwidth, "bandwidth"},
    Named<Field>{Field::Latency, "latency"}, Named<Field>{Field::LatencyBack, "latency_back"},
    Named<Field>{Field::Count, "count"}};

struct Datum {
  std::string text;
  Location where;
};
using Data = std::array<std::optional<Datum>, kFields>;

class GraphmlReader final : public XmlHandler {
 public:
  explicit GraphmlReader(const std::string& file) : file_(file) {}

  void open(std::string_view name, const XmlAttributes& attributes,
            const Location& where) override {
    if (!seen_root_ && name != "graphml") {
      throw InputError(where, {},
                       fmt::format("found <{}>, expected <graphml>; is this another kind of file?",
                                   shown(name)));
    }
    seen_root_ = true;
    if (name == "key") {
      open_key(attributes, where);
    } else if (name == "graph") {
      const auto direction = attributes.find("edgedefault").value_or("undirected");
      directed_.push_back(direction == "directed");
      seen_graph_ = true;
    } else if (name == "node") {
      open_node(attributes, where);
    } else if (name == "edge") {
      open_edge(attributes, where);
    } else if (name == "data") {
      const auto key = keys_.find(std::string(attributes.find("key").value_or("")));
      data_ = key == keys_.end() ? std::nullopt : key->second.field;
    } else if (name == "hyperedge") {
      throw InputError(where, {}, "hyperedges are not read; draw a switch with an edge to each");
    }
  }

  void close(std::string_view name, std::string_view text, const Location& where) override {
    if (name == "default" && open_key_ != nullptr && open_key_->field) {
      defaults(*open_key_)[static_cast<std::size_t>(*open_key_->field)] = datum(text, where);
    } else if (name == "key") {
      open_key_ = nullptr;
    } else if (name == "graph") {
      directed_.pop_back();
    } else if (name == "node") {
      close_node();
    } else if (name == "edge") {
      close_edge();
    } else if (name == "data") {
      close_data(text, where);
    }
  }

  DeviceGraph take() {
    if (!seen_graph_) {
      throw InputError({file_, 1}, {}, "there is no <graph> in this file");
    }
    std::vector<std::uint32_t> device_of(ids_.size(), kUnknown);
    for (std::size_t i = 0; i < declared_.size(); ++i) {
      device_of[declared_[i]] = static_cast<std::uint32_t>(i);
    }
    for (std::size_t i = 0; i < graph_.cables.size(); ++i) {
      DeviceGraph::Cable& cable = graph_.cables[i];
      for (std::uint32_t* end : {&cable.from, &cable.to}) {
        const std::uint32_t id = *end;
        if (device_of[id] == kUnknown) {
          throw InputError({file_, lines_[i]}, "edge",
                           fmt::format("there is no node \"{}\"", shown(name_of(id))));
        }
        *end = device_of[id];
      }
      if (const std::string fault = fault_of(cable); !fault.empty()) {
        throw InputError({file_, lines_[i]}, "edge", "it " + fault);
      }
    }
    return std::move(graph_);
  }

 private:
  static constexpr std::uint32_t kUnknown = 0xFFFFFFFF;
  struct Key {
    std::optional<Field> field;
    bool of_edges = false, of_nodes = false;
  };
  struct OpenEdge {
    std::uint32_t from = 0, to = 0;
    bool one_way = false;
    Location where;
    Data data;
  };

  std::uint32_t intern(std::string_view id) {
    return ids_.emplace(std::string(id), static_cast<std::uint32_t>(ids_.size())).first->second;
  }
  [[nodiscard]] std::string name_of(std::uint32_t id) const {
    const auto it = std::find_if(ids_.begin(), ids_.end(),
                                 [id](const auto& entry) { return entry.second == id; });
    return it->first;
  }

  static Datum datum(std::string_view text, const Location& where) {
    if (text.size() > kLongestXmlValue) {
      throw InputError(where, {},
                       fmt::format("a value has more than {} letters", kLongestXmlValue));
    }
    return {std::string(text), where};
  }

  Data& defaults(const Key& key) { return key.of_edges ? edge_defaults_ : node_defaults_; }

  void open_key(const XmlAttributes& attributes, const Location& where) {
    const auto id = attributes.find("id");
    if (!id) {
      throw InputError(where, "key", "it has no id");
    }
    constexpr std::size_t kMostKeys = 1000;
    if (keys_.size() >= kMostKeys) {
      throw InputError(where, "key", fmt::format("there are more than {} keys", kMostKeys));
    }
    const std::string_view domain = attributes.find("for").value_or("all");
    Key key;
    key.of_edges = domain == "edge";
    key.of_nodes = domain == "node";
    if (domain == "edge" || domain == "node" || domain == "all") {
      key.field = value_in(kFieldNames, attributes.find("attr.name").value_or(*id));
    }
    const auto [entry, is_new] = keys_.emplace(std::string(*id), key);
    if (!is_new) {
      throw InputError(where, "key", fmt::format("the id \"{}\" is there twice", shown(*id)));
    }
    open_key_ = &entry->second;
  }

  void open_node(const XmlAttributes& attributes, const Location& where) {
    const auto id = attributes.find("id");
    if (!id || id->empty()) {
      throw InputError(where, "node", "it has no id");
    }
    if (graph_.devices.size() >= kMostDevices) {
      throw InputError(where, "node", fmt::format("there are more than {} nodes", kMostDevices));
    }
    const std::uint32_t number = intern(*id);
    if (is_declared_.size() <= number) {
      is_declared_.resize(number + 1);
    }
    if (is_declared_[number]) {
      throw InputError(where, "node", fmt::format("the id \"{}\" is there twice", shown(*id)));
    }
    is_declared_[number] = true;
    declared_.push_back(number);
    nodes_.push_back({graph_.devices.size(), node_defaults_});
    graph_.devices.push_back({std::string(*id), VertexKind::Other});
  }

  void close_node() {
    const auto [index, data] = std::move(nodes_.back());
    nodes_.pop_back();
    DeviceGraph::Device& device = graph_.devices[index];
    for (const Field field : {Field::Label, Field::Name}) {
      if (const auto& given = at(data, field); given && !given->text.empty()) {
        device.name = given->text;
      }
    }
    if (const auto& kind = at(data, Field::Kind)) {
      const auto known = vertex_kind_from_name(kind->text);
      if (!known) {
        throw InputError(kind->where, "kind",
                         fmt::format("\"{}\" is no kind of device, {}", shown(kind->text),
                                     did_you_mean(kind->text, vertex_kind_words())));
      }
      device.kind = *known;
    } else {
      device.kind = vertex_kind_of_device(device.name).value_or(VertexKind::Other);
    }
  }

  void open_edge(const XmlAttributes& attributes, const Location& where) {
    const auto from = attributes.find("source");
    const auto to = attributes.find("target");
    if (!from || !to) {
      throw InputError(where, "edge", "it needs a source and a target");
    }
    if (graph_.cables.size() >= kMostCables) {
      throw InputError(where, "edge", fmt::format("there are more than {} edges", kMostCables));
    }
    const bool by_default = !directed_.empty() && directed_.back();
    const auto directed = attributes.find("directed");
    edge_ = OpenEdge{intern(*from), intern(*to), directed ? *directed == "true" : by_default, where,
                     edge_defaults_};
  }

  void close_edge() {
    const OpenEdge edge = std::move(*edge_);
    edge_.reset();
    const auto& bandwidth = at(edge.data, Field::Bandwidth);
    if (!bandwidth) {
      throw InputError(edge.where, "edge",
                       "it has no bandwidth; expected a data key with attr.name \"bandwidth\" and "
                       "a value such as \"400 Gbit/s\"");
    }
    DeviceGraph::Cable cable;
    cable.from = edge.from;
    cable.to = edge.to;
    cable.one_way = edge.one_way;
    if (const auto& count = at(edge.data, Field::Count)) {
      cable.count = read_count(*count);
    }
    cable.bandwidth =
        parse_quantity<units::BytesPerSecond>(bandwidth->text, bandwidth->where, "bandwidth") *
        cable.count;
    if (const auto& latency = at(edge.data, Field::Latency)) {
      cable.latency = parse_quantity<units::Seconds>(latency->text, latency->where, "latency");
    }
    const auto& back = at(edge.data, Field::LatencyBack);
    cable.latency_back =
        back ? parse_quantity<units::Seconds>(back->text, back->where, "latency_back")
             : cable.latency;
    graph_.cables.push_back(cable);
    lines_.push_back(edge.where.line);
  }

  static int read_count(const Datum& count) {
    int value = 0;
    const char* const end = count.text.data() + count.text.size();
    const auto [rest, error] = std::from_chars(count.text.data(), end, value);
    // networkx may write whole numbers as "4.0"
    const std::string_view tail(rest, static_cast<std::size_t>(end - rest));
    const bool whole = tail.empty() || (tail.size() > 1 && tail.front() == '.' &&
                                        tail.find_first_not_of('0', 1) == std::string_view::npos);
    if (error != std::errc{} || !whole) {
      throw InputError(count.where, "count",
                       fmt::format("\"{}\" is no whole number", shown(count.text)));
    }
    return value;
  }

  void close_data(std::string_view text, const Location& where) {
    if (!data_) {
      return;
    }
    Data* owner = edge_ ? &edge_->data : nodes_.empty() ? nullptr : &nodes_.back().second;
    if (owner != nullptr) {
      (*owner)[static_cast<std::size_t>(*data_)] = datum(text, where);
    }
    data_.reset();
  }

  static const std::optional<Datum>& at(const Data& data, Field field) {
    return data[static_cast<std::size_t>(field)];
  }

  const std::string& file_;
  DeviceGraph graph_;
  std::vector<int> lines_;  ///< of the cables
  std::unordered_map<std::string, std::uint32_t> ids_;
  std::vector<bool> is_declared_;        ///< by number of the id
  std::vector<std::uint32_t> declared_;  ///< numbers of the ids, in the order of the devices
  std::unordered_map<std::string, Key> keys_;
  Key* open_key_ = nullptr;
  Data node_defaults_, edge_defaults_;
  std::vector<bool> directed_;                       ///< of the open graphs
  std::vector<std::pair<std::size_t, Data>> nodes_;  ///< open ones: groups hold others
  std::optional<OpenEdge> edge_;
  std::optional<Field> data_;
  bool seen_root_ = false, seen_graph_ = false;
};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += static_cast<unsigned char>(c) < ' ' ? '?' : c;  // XML 1.0 has no control characters
    }
  }
  return out;
}

}  // namespace

DeviceGraph parse_graphml(std::string_view text, const std::string& file) {
  GraphmlReader reader(file);
  read_xml(text, file, reader);
  return reader.take();
}

DeviceGraph read_graphml(const std::filesystem::path& path) {
  return parse_graphml(read_text_file(path), path.string());
}

void write_graphml(const DeviceGraph& graph, std::ostream& out) {
  out << R"(<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="kind" for="node" attr.name="kind" attr.type="string"/>
<key id="name" for="node" attr.name="name" attr.type="string"/>
<key id="bandwidth" for="edge" attr.name="bandwidth" attr.type="string"/>
<key id="latency" for="edge" attr.name="latency" attr.type="string"/>
<key id="latency_back" for="edge" attr.name="latency_back" attr.type="string"/>
<key id="count" for="edge" attr.name="count" attr.type="int"><default>1</default></key>
<graph edgedefault="undirected">
)";
  for (std::size_t i = 0; i < graph.devices.size(); ++i) {
    const auto& device = graph.devices[i];
    out << fmt::format(
               R"(<node id="n{}"><data key="kind">{}</data><data key="name">{}</data></node>)", i,
               name(device.kind), escaped(device.name))
        << '\n';
  }
  for (const auto& cable : graph.cables) {
    out << fmt::format(
        R"(<edge source="n{}" target="n{}"{}><data key="bandwidth">{}</data><data key="latency">{}</data>)",
        cable.from, cable.to, cable.one_way ? R"( directed="true")" : "",
        figure_text(cable.bandwidth / cable.count), figure_text(cable.latency));
    if (!cable.one_way && cable.latency_back != cable.latency) {
      out << fmt::format(R"(<data key="latency_back">{}</data>)", figure_text(cable.latency_back));
    }
    if (cable.count != 1) {
      out << fmt::format(R"(<data key="count">{}</data>)", cable.count);
    }
    out << "</edge>\n";
  }
  out << "</graph>\n</graphml>\n";
}

}  // namespace topology
