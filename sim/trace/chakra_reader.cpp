#include <algorithm>
#include <cmath>
#include <istream>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "sim/trace/chakra.hpp"
#include "sim/trace/chakra.pb.h"
#include "sim/trace/process_groups.hpp"
#include "topology/error.hpp"

namespace sim {

namespace {

namespace pb = gpuplan::chakra;
using topology::InputError;

/// Cuts the stream in its messages.
class Messages {
 public:
  Messages(std::istream& in, const std::string& file) : in_(in), file_(file) {}

  /// The next message, nothing at the end. The view holds until the next call.
  std::optional<std::string_view> next() {
    begin_ = offset_;
    const std::optional<std::uint64_t> length = read_length();
    if (!length) {
      return std::nullopt;
    }
    if (*length > kLargest) {
      refuse(
          fmt::format("a message claims {} bytes, more than the {} that any real one has; this "
                      "is no Chakra trace, or it is damaged",
                      *length, kLargest));
    }
    // Grows with what is really there, so that a false length costs no memory.
    buffer_.clear();
    while (buffer_.size() < *length) {
      const std::size_t have = buffer_.size();
      const auto piece = std::min<std::size_t>(kPiece, static_cast<std::size_t>(*length) - have);
      buffer_.resize(have + piece);
      in_.read(buffer_.data() + have, static_cast<std::streamsize>(piece));
      const auto got = static_cast<std::size_t>(in_.gcount());
      offset_ += got;
      if (got < piece) {
        refuse(
            fmt::format("the file ends inside a message of {} bytes ({} are there); it is "
                        "truncated, write or copy it again",
                        *length, have + got));
      }
    }
    return std::string_view(buffer_);
  }

  [[noreturn]] void refuse(std::string_view message) const {
    throw InputError({.file = file_}, fmt::format("byte {}", begin_), message);
  }

 private:
  static constexpr std::uint64_t kLargest = std::uint64_t{64} << 20U;
  static constexpr std::size_t kPiece = std::size_t{1} << 20U;

  std::optional<std::uint64_t> read_length() {
    constexpr unsigned kBits = 7;
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += kBits) {
      const int byte = in_.get();
      if (byte == std::istream::traits_type::eof()) {
        if (shift == 0) {
          return std::nullopt;
        }
        refuse(
            "the file ends inside the length of a message; it is truncated, write or copy it "
            "again");
      }
      ++offset_;
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) {
        return value;
      }
    }
    refuse("the length of a message has more than 10 bytes; this is no Chakra trace");
  }

  std::istream& in_;
  const std::string& file_;
  std::string buffer_;
  std::uint64_t offset_ = 0, begin_ = 0;
};

/// True if a field that we know came with the wrong wire type: the parser files it under unknown.
bool misfits(const google::protobuf::Message& message) {
  const auto& unknown = message.GetReflection()->GetUnknownFields(message);
  for (int i = 0; i < unknown.field_count(); ++i) {
    if (message.GetDescriptor()->FindFieldByNumber(unknown.field(i).number()) != nullptr) {
      return true;
    }
  }
  return false;
}

/// The value of an attribute that counts something, whatever type it was written with; 0 where it
/// has none. Nothing if it is no number or no whole one.
std::optional<std::int64_t> whole_number(const pb::Attribute& a) {
  const auto natural = [](std::uint64_t v) -> std::optional<std::int64_t> {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return v <= kMost ? std::optional(static_cast<std::int64_t>(v)) : std::nullopt;
  };
  const auto real = [](double v) -> std::optional<std::int64_t> {
    constexpr double kExact = 0x1p62;
    return std::floor(v) == v && std::abs(v) <= kExact ? std::optional(static_cast<std::int64_t>(v))
                                                       : std::nullopt;
  };
  switch (a.value_case()) {
    case pb::Attribute::kReal64:
      return real(a.real64());
    case pb::Attribute::kReal32:
      return real(a.real32());
    case pb::Attribute::kWhole32:
      return a.whole32();
    case pb::Attribute::kWhole64:
      return a.whole64();
    case pb::Attribute::kNatural32:
      return a.natural32();
    case pb::Attribute::kNatural64:
      return natural(a.natural64());
    case pb::Attribute::kZigzag32:
      return a.zigzag32();
    case pb::Attribute::kZigzag64:
      return a.zigzag64();
    case pb::Attribute::kFixedNatural32:
      return a.fixed_natural32();
    case pb::Attribute::kFixedNatural64:
      return natural(a.fixed_natural64());
    case pb::Attribute::kFixedWhole32:
      return a.fixed_whole32();
    case pb::Attribute::kFixedWhole64:
      return a.fixed_whole64();
    case pb::Attribute::kTruth:
      return a.truth() ? 1 : 0;
    case pb::Attribute::kText:
    case pb::Attribute::kBlob:
      return std::nullopt;
    case pb::Attribute::VALUE_NOT_SET:
      break;
  }
  return 0;
}

std::string group_name(const pb::Attribute& a) {
  if (a.value_case() == pb::Attribute::kText) {
    return a.text();
  }
  if (a.value_case() == pb::Attribute::kBlob) {
    return a.blob();
  }
  const std::optional<std::int64_t> number = whole_number(a);
  const bool empty = a.value_case() == pb::Attribute::VALUE_NOT_SET || !number;
  return empty ? std::string() : std::to_string(*number);
}

/// What the attributes of a node say, checked.
class NodeReader {
 public:
  NodeReader(const pb::Operation& operation, const std::string& file)
      : operation_(operation), file_(file) {}

  TraceNode read(TraceBuilder& builder) const {
    TraceNode n;
    n.id = operation_.id();
    n.work = work();
    n.duration = units::microseconds(static_cast<double>(operation_.duration_us()));
    n.on_cpu = number("is_cpu_op").value_or(0) != 0;
    n.operations = units::flops(count("num_ops"));
    n.traffic = units::bytes(count("tensor_size"));
    n.size = units::bytes(count("comm_size"));
    n.tag = number("comm_tag").value_or(0);
    if (n.work == TraceWork::Send) {
      n.peer = rank("comm_dst");
    } else if (n.work == TraceWork::Receive) {
      n.peer = rank("comm_src");
    } else if (n.work == TraceWork::Collective) {
      n.op = collective();
      const pb::Attribute* group = find("pg_name");
      n.group = builder.group(group == nullptr ? std::string() : group_name(*group));
    }
    return n;
  }

 private:
  [[noreturn]] void refuse(std::string_view message) const {
    throw InputError({.file = file_},
                     fmt::format("node {} \"{}\"", operation_.id(), printable(operation_.name())),
                     message);
  }

  [[nodiscard]] TraceWork work() const {
    switch (operation_.kind()) {
      case 1:
        return TraceWork::Metadata;
      case 2:
      case 3:
        return TraceWork::Memory;
      case 4:
        return TraceWork::Compute;
      case 5:
        return TraceWork::Send;
      case 6:
        return TraceWork::Receive;
      case 7:
        return TraceWork::Collective;
      default:
        refuse(
            fmt::format("has node type {}; expected 1 (metadata), 2 or 3 (memory), 4 (compute), "
                        "5 (send), 6 (receive) or 7 (collective)",
                        operation_.kind()));
    }
  }

  [[nodiscard]] const pb::Attribute* find(std::string_view name) const {
    for (const pb::Attribute& a : operation_.attributes()) {
      if (a.name() == name) {
        return &a;
      }
    }
    return nullptr;
  }

  [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const {
    const pb::Attribute* a = find(name);
    if (a == nullptr) {
      return std::nullopt;
    }
    const std::optional<std::int64_t> value = whole_number(*a);
    if (!value) {
      refuse(fmt::format("attribute {} is not a whole number of at most 63 bits", name));
    }
    return value;
  }

  [[nodiscard]] double count(std::string_view name) const {
    const std::int64_t value = number(name).value_or(0);
    if (value < 0) {
      refuse(fmt::format("attribute {} is {}; expected 0 or more", name, value));
    }
    return static_cast<double>(value);
  }

  [[nodiscard]] std::int32_t rank(std::string_view name) const {
    const std::optional<std::int64_t> value = number(name);
    if (!value) {
      refuse(fmt::format("has no attribute {}, so its partner is unknown", name));
    }
    if (*value < 0 || *value > std::numeric_limits<std::int32_t>::max()) {
      refuse(fmt::format("attribute {} is {}, which is no rank", name, *value));
    }
    return static_cast<std::int32_t>(*value);
  }

  [[nodiscard]] TraceCollective collective() const {
    const std::optional<std::int64_t> value = number("comm_type");
    if (!value || *value < 0 || *value >= kTraceCollectives) {
      refuse(
          fmt::format("is a collective whose attribute comm_type is {}; expected 0 "
                      "(all-reduce) to 9 (barrier)",
                      value ? std::to_string(*value) : "missing"));
    }
    return static_cast<TraceCollective>(*value);
  }

  const pb::Operation& operation_;
  const std::string& file_;
};

bool fits(const pb::Operation& operation) {
  if (misfits(operation)) {
    return false;
  }
  for (const pb::Attribute& a : operation.attributes()) {
    if (misfits(a)) {
      return false;
    }
  }
  return true;
}

}  // namespace

ExecutionTrace read_chakra(std::istream& in, const std::string& file) {
  Messages messages(in, file);
  TraceBuilder builder(file);
  const auto parse = [&](google::protobuf::Message& into, std::string_view bytes) {
    if (!into.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      messages.refuse("this is no protobuf message; the file is damaged or no Chakra trace");
    }
  };
  pb::Header header;
  const std::optional<std::string_view> first = messages.next();
  if (!first) {
    throw InputError({.file = file}, "", "is empty; expected a Chakra trace, its header first");
  }
  parse(header, *first);
  if (misfits(header)) {
    messages.refuse("the first message is no header of a Chakra trace");
  }
  builder.set_version(header.version());
  pb::Operation operation;
  std::vector<std::uint64_t> dependencies;
  while (const auto bytes = messages.next()) {
    parse(operation, *bytes);
    if (!fits(operation)) {
      messages.refuse("this is a protobuf message, but no node of a Chakra trace");
    }
    if (operation.kind() == 1) {
      define_groups(builder, operation.inputs().values());
    }
    const TraceNode node = NodeReader(operation, file).read(builder);
    dependencies.assign(operation.control_dependencies().begin(),
                        operation.control_dependencies().end());
    dependencies.insert(dependencies.end(), operation.data_dependencies().begin(),
                        operation.data_dependencies().end());
    builder.add(node, operation.name(), dependencies);
  }
  return builder.finish();
}

}  // namespace sim
