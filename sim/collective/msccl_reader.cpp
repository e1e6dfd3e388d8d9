// From XML to a program.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "sim/collective/msccl.hpp"
#include "topology/error.hpp"
#include "topology/import/text_file.hpp"
#include "topology/import/xml.hpp"

namespace sim {

namespace {

using topology::InputError;
using topology::Location;
using topology::XmlAttributes;

constexpr std::size_t kMostBytes = std::size_t{64} << 20U;
constexpr std::uint32_t kMostGpus = 4096;
constexpr std::uint32_t kMostChunks = 1U << 20U;
constexpr std::size_t kMostSteps = 2'000'000;

struct StepKind {
  std::string_view name;
  bool receives, reduces, writes, sends;
};
constexpr StepKind kStepKinds[] = {
    {"s", false, false, false, true},   {"r", true, false, true, false},
    {"rcs", true, false, true, true},   {"rrc", true, true, true, false},
    {"rrs", true, true, false, true},   {"rrcs", true, true, true, true},
    {"cpy", false, false, true, false}, {"re", false, true, true, false},
    {"nop", false, false, false, false}};

const std::map<std::string_view, Collective> kCollectives{
    {"allreduce", Collective::AllReduce},          {"allgather", Collective::AllGather},
    {"reduce_scatter", Collective::ReduceScatter}, {"alltoall", Collective::AllToAll},
    {"broadcast", Collective::Broadcast},          {"reduce", Collective::Reduce}};

/// Takes the elements as they come: <algo>, in it <gpu>, in it <tb>, in it <step>. Others are not
/// for us.
class Reader final : public topology::XmlHandler {
 public:
  explicit Reader(const std::string& file) { program_.file = file; }

  void open(std::string_view name, const XmlAttributes& attributes,
            const Location& where) override {
    const Element in{attributes, where};
    if (open_.empty() && name != "algo") {
      throw InputError({where.file}, {}, "expected an MSCCL schedule: the root must be <algo>");
    }
    const Inside around = open_.empty() ? Inside::File : open_.back();
    if (around == Inside::File) {
      open_algorithm(in);
      open_.push_back(Inside::Algorithm);
    } else if (around == Inside::Algorithm && name == "gpu") {
      open_gpu(in);
      open_.push_back(Inside::Gpu);
    } else if (around == Inside::Gpu && name == "tb") {
      open_block(in);
      open_.push_back(Inside::Block);
    } else if (around == Inside::Block && name == "step") {
      block().steps.push_back(read_step(in));
      open_.push_back(Inside::Step);
    } else {
      open_.push_back(Inside::Other);
    }
  }

  void close(std::string_view /*name*/, std::string_view /*text*/,
             const Location& /*where*/) override {
    switch (open_.back()) {
      case Inside::Gpu:
        gpu_.reset();
        break;
      case Inside::Block:
        block_.reset();
        break;
      default:
        break;
    }
    open_.pop_back();
  }

  MscclProgram take() {
    const auto missing = std::find(seen_.begin(), seen_.end(), false);
    if (missing != seen_.end()) {
      throw InputError(
          {program_.file, line_}, {},
          fmt::format("GPU {} of {} is missing", missing - seen_.begin(), seen_.size()));
    }
    return std::move(program_);
  }

 private:
  enum class Inside : std::uint8_t { File, Algorithm, Gpu, Block, Step, Other };
  struct Element {
    const XmlAttributes& attributes;
    const Location& where;
    [[nodiscard]] std::string_view text(std::string_view key) const {
      return attributes.find(key).value_or("");
    }
  };

  [[nodiscard]] MscclGpu& gpu() { return program_.gpus[*gpu_]; }
  [[nodiscard]] MscclBlock& block() { return gpu().blocks.back(); }

  [[noreturn]] void refuse(const Element& in, const std::string& message) const {
    std::string place;
    if (gpu_) {
      place = fmt::format("GPU {}", *gpu_);
    }
    if (block_) {
      place += fmt::format(", thread block {}", *block_);
    }
    if (!open_.empty() && open_.back() == Inside::Block) {
      place += fmt::format(", step {}", program_.gpus[*gpu_].blocks.back().steps.size());
    }
    throw InputError(in.where, {}, place.empty() ? message : place + ": " + message);
  }

  [[nodiscard]] std::int64_t number(const Element& in, std::string_view key, std::int64_t least,
                                    std::int64_t most,
                                    std::optional<std::int64_t> missing = {}) const {
    const auto attribute = in.attributes.find(key);
    if (!attribute && missing) {
      return *missing;
    }
    const std::string_view word = attribute.value_or("");
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (code != std::errc() || end != word.data() + word.size() || value < least || value > most) {
      refuse(in, fmt::format("{} = \"{}\", expected a number from {} to {}", key,
                             word.substr(0, 40), least, most));
    }
    return value;
  }

  template <class Value>
  [[nodiscard]] Value number_as(const Element& in, std::string_view key, std::int64_t least,
                                std::int64_t most, std::optional<std::int64_t> missing = {}) const {
    return static_cast<Value>(number(in, key, least, most, missing));
  }

  void open_algorithm(const Element& in) {
    line_ = in.where.line;
    program_.name = in.text("name");
    const std::string_view coll = in.text("coll");
    const auto op = kCollectives.find(coll);
    if (op == kCollectives.end()) {
      refuse(in, fmt::format("coll = \"{}\", expected allreduce, allgather, reduce_scatter, "
                             "alltoall, broadcast or reduce",
                             coll.substr(0, 40)));
    }
    program_.op = op->second;
    const std::string_view protocol = in.text("proto");
    program_.protocol = protocol == "LL"      ? Protocol::Ll
                        : protocol == "LL128" ? Protocol::Ll128
                                              : Protocol::Simple;
    program_.in_place =
        number(in, "inplace", 0, 1, 0) == 1 && number(in, "outofplace", 0, 1, 1) == 0;
    program_.gpus.resize(number_as<std::size_t>(in, "ngpus", 1, kMostGpus));
    seen_.assign(program_.gpus.size(), false);
  }

  [[nodiscard]] std::int64_t last_gpu() const {
    return static_cast<std::int64_t>(program_.gpus.size()) - 1;
  }

  void open_gpu(const Element& in) {
    const auto id = number_as<std::size_t>(in, "id", 0, last_gpu());
    if (seen_[id]) {
      refuse(in, fmt::format("GPU {} is there twice", id));
    }
    seen_[id] = true;
    gpu_ = id;
    blocks_of_gpu_.clear();
    const char* keys[] = {"i_chunks", "o_chunks", "s_chunks"};
    for (std::size_t b = 0; b < kMscclBuffers; ++b) {
      gpu().chunks[b] = number_as<std::uint32_t>(in, keys[b], 0, kMostChunks, 0);
    }
  }

  void open_block(const Element& in) {
    MscclBlock made;
    made.id = number_as<std::int32_t>(in, "id", 0, 1 << 20);
    block_ = made.id;
    if (!blocks_of_gpu_.insert(made.id).second) {
      refuse(in, "it is there twice");
    }
    made.send = number_as<std::int32_t>(in, "send", -1, last_gpu(), -1);
    made.receive = number_as<std::int32_t>(in, "recv", -1, last_gpu(), -1);
    made.channel = number_as<std::uint16_t>(in, "chan", 0, 65535, 0);
    gpu().blocks.push_back(std::move(made));
  }

  [[nodiscard]] MscclBuffer buffer(const Element& in, std::string_view key) const {
    const std::string_view word = in.text(key);
    if (word != "i" && word != "o" && word != "s") {
      refuse(in, fmt::format("{} = \"{}\", expected i, o or s", key, word.substr(0, 40)));
    }
    return word == "i"   ? MscclBuffer::Input
           : word == "o" ? MscclBuffer::Output
                         : MscclBuffer::Scratch;
  }

  MscclStep read_step(const Element& in) {
    if (++steps_ > kMostSteps) {
      refuse(in, fmt::format("more than {} steps", kMostSteps));
    }
    const auto position = static_cast<std::int64_t>(block().steps.size());
    if (number(in, "s", 0, static_cast<std::int64_t>(kMostSteps), position) != position) {
      refuse(in, "steps must be numbered from 0 on without gaps");
    }
    const std::string_view type = in.text("type");
    const auto* kind = std::find_if(std::begin(kStepKinds), std::end(kStepKinds),
                                    [&](const StepKind& k) { return k.name == type; });
    if (kind == std::end(kStepKinds)) {
      refuse(in, fmt::format("type = \"{}\", expected s, r, rcs, rrc, rrs, rrcs, cpy, re or nop",
                             type.substr(0, 40)));
    }
    MscclStep step{.receives = kind->receives,
                   .reduces = kind->reduces,
                   .writes = kind->writes,
                   .sends = kind->sends};
    step.line = in.where.line;
    step.after_block = number_as<std::int32_t>(in, "depid", -1, 1 << 20, -1);
    step.after_step =
        number_as<std::int32_t>(in, "deps", -1, static_cast<std::int64_t>(kMostSteps), -1);
    step.count = number_as<std::uint32_t>(in, "cnt", 1, kMostChunks, 1);
    if ((step.sends && block().send < 0) || (step.receives && block().receive < 0)) {
      refuse(in, step.sends && block().send < 0
                     ? "it sends, but its thread block has no peer to send to"
                     : "it receives, but its thread block has no peer to receive from");
    }
    const bool reads = step.reduces || !step.receives;
    if (type != "nop" && reads) {
      step.source = buffer(in, "srcbuf");
      step.source_offset = offset(in, "srcoff", step.source, step.count);
    }
    if (step.writes) {
      step.target = buffer(in, "dstbuf");
      step.target_offset = offset(in, "dstoff", step.target, step.count);
    }
    return step;
  }

  std::uint32_t offset(const Element& in, std::string_view key, MscclBuffer buffer,
                       std::uint32_t count) {
    const auto at = number_as<std::uint32_t>(in, key, 0, kMostChunks);
    const std::uint32_t chunks = gpu().chunks[static_cast<std::size_t>(buffer)];
    if (at + count > chunks) {
      refuse(in, fmt::format("{} = {} with cnt = {} lies outside the buffer's {} chunks", key, at,
                             count, chunks));
    }
    return at;
  }

  MscclProgram program_;
  std::vector<Inside> open_;  ///< elements around the next one
  std::vector<bool> seen_;    ///< GPUs
  int line_ = 0;              ///< of <algo>
  std::optional<std::size_t> gpu_;
  std::optional<std::int32_t> block_;
  std::set<std::int32_t> blocks_of_gpu_;
  std::size_t steps_ = 0;
};

}  // namespace

MscclProgram read_msccl_text(const std::string& text, const std::string& file) {
  Reader reader(file);
  topology::read_xml(text, file, reader);
  return reader.take();
}

MscclProgram read_msccl(const std::filesystem::path& file) {
  return read_msccl_text(topology::read_text_file(file, kMostBytes), file.string());
}

}  // namespace sim
