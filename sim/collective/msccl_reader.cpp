// From XML to a program. pugixml stays in here.
#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string_view>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "sim/collective/msccl.hpp"
#include "topology/error.hpp"

namespace sim {

namespace {

using topology::InputError;

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

class Reader {
 public:
  Reader(const std::string& text, std::string file) : text_(text), file_(std::move(file)) {}

  MscclProgram read() {
    pugi::xml_document document;
    const pugi::xml_parse_result result =
        document.load_buffer(text_.data(), text_.size(), pugi::parse_minimal, pugi::encoding_utf8);
    if (!result) {
      throw InputError({file_, line_of(result.offset)}, {},
                       fmt::format("this is no XML: {}", result.description()));
    }
    const pugi::xml_node algo = document.child("algo");
    if (!algo) {
      throw InputError({file_}, {}, "expected an MSCCL schedule: the root must be <algo>");
    }
    return read_algorithm(algo);
  }

 private:
  [[nodiscard]] int line_of(std::ptrdiff_t offset) const {
    const auto end =
        std::clamp<std::ptrdiff_t>(offset, 0, static_cast<std::ptrdiff_t>(text_.size()));
    return 1 + static_cast<int>(std::count(text_.begin(), text_.begin() + end, '\n'));
  }

  [[noreturn]] void refuse(const pugi::xml_node& node, const std::string& message) const {
    throw InputError({file_, line_of(node.offset_debug())}, {},
                     where_.empty() ? message : where_ + ": " + message);
  }

  [[nodiscard]] std::int64_t number(const pugi::xml_node& node, const char* key, std::int64_t least,
                                    std::int64_t most,
                                    std::optional<std::int64_t> missing = {}) const {
    const pugi::xml_attribute attribute = node.attribute(key);
    if (!attribute && missing) {
      return *missing;
    }
    const std::string_view word = attribute.value();
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (code != std::errc() || end != word.data() + word.size() || value < least || value > most) {
      refuse(node, fmt::format("{} = \"{}\", expected a number from {} to {}", key,
                               word.substr(0, 40), least, most));
    }
    return value;
  }

  template <class Value>
  [[nodiscard]] Value number_as(const pugi::xml_node& node, const char* key, std::int64_t least,
                                std::int64_t most, std::optional<std::int64_t> missing = {}) const {
    return static_cast<Value>(number(node, key, least, most, missing));
  }

  MscclProgram read_algorithm(const pugi::xml_node& algo) {
    MscclProgram program;
    program.file = file_;
    program.name = algo.attribute("name").value();
    const std::string coll = algo.attribute("coll").value();
    const auto op = kCollectives.find(coll);
    if (op == kCollectives.end()) {
      refuse(algo, fmt::format("coll = \"{}\", expected allreduce, allgather, reduce_scatter, "
                               "alltoall, broadcast or reduce",
                               coll.substr(0, 40)));
    }
    program.op = op->second;
    const std::string_view protocol = algo.attribute("proto").value();
    program.protocol = protocol == "LL"      ? Protocol::Ll
                       : protocol == "LL128" ? Protocol::Ll128
                                             : Protocol::Simple;
    program.in_place =
        number(algo, "inplace", 0, 1, 0) == 1 && number(algo, "outofplace", 0, 1, 1) == 0;
    program.gpus.resize(number_as<std::size_t>(algo, "ngpus", 1, kMostGpus));
    std::vector<bool> seen(program.gpus.size(), false);
    for (const pugi::xml_node& gpu : algo.children("gpu")) {
      const auto id =
          number_as<std::size_t>(gpu, "id", 0, static_cast<std::int64_t>(program.gpus.size()) - 1);
      if (seen[id]) {
        refuse(gpu, fmt::format("GPU {} is there twice", id));
      }
      seen[id] = true;
      where_ = fmt::format("GPU {}", id);
      program.gpus[id] = read_gpu(gpu, program.gpus.size());
      where_.clear();
    }
    const auto missing = std::find(seen.begin(), seen.end(), false);
    if (missing != seen.end()) {
      refuse(algo, fmt::format("GPU {} of {} is missing", missing - seen.begin(), seen.size()));
    }
    return program;
  }

  MscclGpu read_gpu(const pugi::xml_node& node, std::size_t gpus) {
    MscclGpu gpu;
    const char* keys[] = {"i_chunks", "o_chunks", "s_chunks"};
    for (std::size_t b = 0; b < kMscclBuffers; ++b) {
      gpu.chunks[b] = number_as<std::uint32_t>(node, keys[b], 0, kMostChunks, 0);
    }
    const std::string gpu_name = where_;
    std::set<std::int32_t> known;
    const auto last = static_cast<std::int64_t>(gpus) - 1;
    for (const pugi::xml_node& tb : node.children("tb")) {
      MscclBlock block;
      block.id = number_as<std::int32_t>(tb, "id", 0, 1 << 20);
      where_ = fmt::format("{}, thread block {}", gpu_name, block.id);
      if (!known.insert(block.id).second) {
        refuse(tb, "it is there twice");
      }
      block.send = number_as<std::int32_t>(tb, "send", -1, last, -1);
      block.receive = number_as<std::int32_t>(tb, "recv", -1, last, -1);
      block.channel = number_as<std::uint16_t>(tb, "chan", 0, 65535, 0);
      const std::string block_name = where_;
      for (const pugi::xml_node& step : tb.children("step")) {
        where_ = fmt::format("{}, step {}", block_name, block.steps.size());
        block.steps.push_back(read_step(step, gpu, block));
      }
      gpu.blocks.push_back(std::move(block));
    }
    where_ = gpu_name;
    return gpu;
  }

  MscclBuffer buffer(const pugi::xml_node& node, const char* key) const {
    const std::string_view word = node.attribute(key).value();
    if (word != "i" && word != "o" && word != "s") {
      refuse(node, fmt::format("{} = \"{}\", expected i, o or s", key, word.substr(0, 40)));
    }
    return word == "i"   ? MscclBuffer::Input
           : word == "o" ? MscclBuffer::Output
                         : MscclBuffer::Scratch;
  }

  MscclStep read_step(const pugi::xml_node& node, const MscclGpu& gpu, const MscclBlock& block) {
    if (++steps_ > kMostSteps) {
      refuse(node, fmt::format("more than {} steps", kMostSteps));
    }
    const auto position = static_cast<std::int64_t>(block.steps.size());
    if (number(node, "s", 0, static_cast<std::int64_t>(kMostSteps), position) != position) {
      refuse(node, "steps must be numbered from 0 on without gaps");
    }
    const std::string_view type = node.attribute("type").value();
    const auto* kind = std::find_if(std::begin(kStepKinds), std::end(kStepKinds),
                                    [&](const StepKind& k) { return k.name == type; });
    if (kind == std::end(kStepKinds)) {
      refuse(node, fmt::format("type = \"{}\", expected s, r, rcs, rrc, rrs, rrcs, cpy, re or nop",
                               type.substr(0, 40)));
    }
    MscclStep step{.receives = kind->receives,
                   .reduces = kind->reduces,
                   .writes = kind->writes,
                   .sends = kind->sends};
    step.line = line_of(node.offset_debug());
    step.after_block = number_as<std::int32_t>(node, "depid", -1, 1 << 20, -1);
    step.after_step =
        number_as<std::int32_t>(node, "deps", -1, static_cast<std::int64_t>(kMostSteps), -1);
    step.count = number_as<std::uint32_t>(node, "cnt", 1, kMostChunks, 1);
    if ((step.sends && block.send < 0) || (step.receives && block.receive < 0)) {
      refuse(node, step.sends && block.send < 0
                       ? "it sends, but its thread block has no peer to send to"
                       : "it receives, but its thread block has no peer to receive from");
    }
    const bool reads = step.reduces || !step.receives;
    if (type != "nop" && reads) {
      step.source = buffer(node, "srcbuf");
      step.source_offset = offset(node, "srcoff", gpu, step.source, step.count);
    }
    if (step.writes) {
      step.target = buffer(node, "dstbuf");
      step.target_offset = offset(node, "dstoff", gpu, step.target, step.count);
    }
    return step;
  }

  std::uint32_t offset(const pugi::xml_node& node, const char* key, const MscclGpu& gpu,
                       MscclBuffer buffer, std::uint32_t count) const {
    const auto at = number_as<std::uint32_t>(node, key, 0, kMostChunks);
    const std::uint32_t chunks = gpu.chunks[static_cast<std::size_t>(buffer)];
    if (at + count > chunks) {
      refuse(node, fmt::format("{} = {} with cnt = {} lies outside the buffer's {} chunks", key, at,
                               count, chunks));
    }
    return at;
  }

  const std::string& text_;
  std::string file_;
  std::string where_;
  std::size_t steps_ = 0;
};

}  // namespace

MscclProgram read_msccl_text(const std::string& text, const std::string& file) {
  return Reader(text, file).read();
}

MscclProgram read_msccl(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    throw InputError({file.string()}, {}, "there is no such file, or it cannot be read");
  }
  std::string text(kMostBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMostBytes) {
    throw InputError({file.string()}, {}, "an MSCCL schedule has at most 64 MiB");
  }
  return read_msccl_text(text, file.string());
}

}  // namespace sim
