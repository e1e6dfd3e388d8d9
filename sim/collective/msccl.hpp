#pragma once
// Schedules that users bring: MSCCL's XML, per GPU a list of thread blocks, per thread block a list
// of steps. Format: microsoft/msccl-tools (IR to XML) and microsoft/msccl, src/include/msccl.
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/collective/collective.hpp"
#include "sim/collective/schedule.hpp"

namespace sim {

enum class MscclBuffer : std::uint8_t { Input, Output, Scratch };
inline constexpr std::size_t kMscclBuffers = 3;

/// One step of a thread block. What it does is in its flags: receive, reduce with the local source,
/// write to the local destination, send.
struct MscclStep {
  bool receives = false, reduces = false, writes = false, sends = false;
  MscclBuffer source = MscclBuffer::Input, target = MscclBuffer::Output;
  std::uint32_t source_offset = 0, target_offset = 0, count = 1;
  std::int32_t after_block = -1;  ///< another thread block of the GPU, -1: none
  std::int32_t after_step = -1;   ///< ... that must have done this step
  int line = 0;                   ///< of the file
};

struct MscclBlock {
  std::int32_t id = 0;
  std::int32_t send = -1, receive = -1;  ///< peer GPUs, -1: none
  std::uint16_t channel = 0;
  std::vector<MscclStep> steps;
};

struct MscclGpu {
  std::array<std::uint32_t, kMscclBuffers> chunks{};  ///< by buffer
  std::vector<MscclBlock> blocks;
};

struct MscclProgram {
  std::string file, name;
  Collective op = Collective::AllReduce;
  Protocol protocol = Protocol::Simple;
  bool in_place = false;  ///< input and output are one buffer
  std::vector<MscclGpu> gpus;
};

/// @throws topology::InputError naming file, line, GPU, thread block and step of what cannot be.
MscclProgram read_msccl(const std::filesystem::path& file);
/// The same from memory; `file` stands for it in messages.
MscclProgram read_msccl_text(const std::string& text, const std::string& file);

/// Runs the program on symbols: every receive meets its send, every rank ends up with what the
/// collective promises. Gives the messages between the GPUs, for `size` bytes of the collective.
/// @throws topology::InputError naming GPU, thread block and step where it waits for ever, sends
/// what nobody receives, or leaves a wrong result.
CollectiveSchedule schedule_of(const MscclProgram& program, units::Bytes size);

}  // namespace sim
