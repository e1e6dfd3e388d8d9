#include "sim/trace/trace_set.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "sim/trace/chakra.hpp"
#include "topology/error.hpp"
#include "topology/routing.hpp"

namespace sim {

namespace fs = std::filesystem;
using topology::InputError;

namespace {

/// The rank in "NAME.RANK.et"; nothing for other files.
std::optional<int> rank_in(const std::string& file, const std::string& name) {
  constexpr std::string_view kEnd = ".et";
  if (file.size() <= name.size() + 1 + kEnd.size() || file.compare(0, name.size(), name) != 0 ||
      file[name.size()] != '.' || file.compare(file.size() - kEnd.size(), kEnd.size(), kEnd) != 0) {
    return std::nullopt;
  }
  const char* begin = file.data() + name.size() + 1;
  const char* end = file.data() + file.size() - kEnd.size();
  int rank = 0;
  const auto [stop, error] = std::from_chars(begin, end, rank);
  return error == std::errc{} && stop == end && rank >= 0 ? std::optional(rank) : std::nullopt;
}

struct RankFile {
  int rank = 0;
  fs::path file;
};

std::vector<RankFile> find_files(const fs::path& prefix) {
  const fs::path directory = prefix.has_parent_path() ? prefix.parent_path() : fs::path(".");
  std::vector<RankFile> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (const auto rank = rank_in(entry.path().filename().string(), prefix.filename().string())) {
      files.push_back({.rank = *rank, .file = entry.path()});
    }
  }
  if (files.empty()) {
    throw InputError({.file = prefix.string()}, "",
                     fmt::format("there are no traces {}.<rank>.et; give the path up to the rank, "
                                 "say traces/step for traces/step.0.et",
                                 prefix.string()));
  }
  std::sort(files.begin(), files.end(), [](const RankFile& a, const RankFile& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.file < b.file;
  });
  return files;
}

void check_numbering(const std::vector<RankFile>& files, const fs::path& prefix) {
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (i > 0 && files[i].rank == files[i - 1].rank) {
      throw InputError({.file = files[i].file.string()}, "",
                       fmt::format("is a second trace of rank {}, beside {}; remove one of them",
                                   files[i].rank, files[i - 1].file.string()));
    }
    if (files[i].rank != static_cast<int>(i)) {
      throw InputError({.file = prefix.string()}, "",
                       fmt::format("rank {} has no trace {}.{}.et, but rank {} has one; every rank "
                                   "from 0 on needs its file",
                                   i, prefix.string(), i, files[i].rank));
    }
  }
}

std::ifstream open(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in || fs::is_directory(file)) {
    throw InputError({.file = file.string()}, "", "cannot be opened; expected a Chakra trace");
  }
  return in;
}

/// Length and mixed content of a file, to find those that may be equal.
std::uint64_t fingerprint(std::ifstream& in) {
  std::uint64_t hash = 0;
  std::uint64_t word = 0;
  while (in.read(reinterpret_cast<char*>(&word), sizeof word) || in.gcount() > 0) {
    hash = topology::mix64(hash ^ word) + static_cast<std::uint64_t>(in.gcount());
    word = 0;
  }
  in.clear();
  in.seekg(0);
  return hash;
}

bool same_bytes(const fs::path& a, const fs::path& b) {
  std::ifstream first = open(a);
  std::ifstream second = open(b);
  return std::equal(std::istreambuf_iterator<char>(first), {},
                    std::istreambuf_iterator<char>(second), {});
}

}  // namespace

std::string TraceSet::label(int rank, NodeIndex node) const {
  return fmt::format("rank {} {}", rank, of(rank).label(node));
}

TraceSet read_traces(const fs::path& prefix) {
  const std::vector<RankFile> files = find_files(prefix);
  check_numbering(files, prefix);
  TraceSet set;
  std::vector<const fs::path*> file_of_trace;
  std::unordered_multimap<std::uint64_t, std::uint32_t> known;
  for (const RankFile& f : files) {
    std::ifstream in = open(f.file);
    const std::uint64_t hash = fingerprint(in);
    const auto [begin, end] = known.equal_range(hash);
    const auto twin = std::find_if(begin, end, [&](const auto& candidate) {
      return same_bytes(*file_of_trace[candidate.second], f.file);
    });
    if (twin != end) {
      set.trace_of_rank.push_back(twin->second);
      continue;
    }
    set.trace_of_rank.push_back(static_cast<std::uint32_t>(set.traces.size()));
    known.emplace(hash, static_cast<std::uint32_t>(set.traces.size()));
    file_of_trace.push_back(&f.file);
    set.traces.push_back(read_chakra(in, fmt::format("{} (rank {})", f.file.string(), f.rank)));
  }
  return set;
}

}  // namespace sim
