#include "calib/import/gzip.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <zlib.h>

#include "topology/error.hpp"
#include "topology/import/text_file.hpp"

namespace calib {

namespace {

/// Ends zlib's state with the scope.
struct Stream {
  z_stream z{};
  bool open = false;
  Stream() {
    constexpr int kGzipOnly = 16 + MAX_WBITS;
    open = inflateInit2(&z, kGzipOnly) == Z_OK;
  }
  ~Stream() {
    if (open) {
      inflateEnd(&z);
    }
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

}  // namespace

std::string maybe_gunzip(std::string bytes, const std::string& file, std::size_t most) {
  if (bytes.size() < 2 || bytes[0] != '\x1f' || bytes[1] != '\x8b') {
    return bytes;
  }
  Stream stream;
  if (!stream.open || bytes.size() > std::numeric_limits<uInt>::max()) {
    throw topology::RuntimeFailure(fmt::format("{}: cannot be unpacked here", file));
  }
  stream.z.next_in = reinterpret_cast<Bytef*>(bytes.data());
  stream.z.avail_in = static_cast<uInt>(bytes.size());
  std::string out;
  constexpr std::size_t kBlock = std::size_t{1} << 18U;
  int status = Z_OK;
  while (status == Z_OK) {
    const std::size_t have = out.size();
    out.resize(have + kBlock);
    stream.z.next_out = reinterpret_cast<Bytef*>(out.data() + have);
    stream.z.avail_out = static_cast<uInt>(kBlock);
    status = inflate(&stream.z, Z_NO_FLUSH);
    out.resize(out.size() - stream.z.avail_out);
    if (out.size() > most) {
      throw topology::InputError({.file = file}, "",
                                 fmt::format("unpacks to more than {} bytes; cut it first", most));
    }
    if (status == Z_BUF_ERROR || (status == Z_OK && out.size() == have && stream.z.avail_in == 0)) {
      break;
    }
  }
  if (status != Z_STREAM_END) {
    throw topology::InputError({.file = file}, "", "is damaged or cut off: gzip cannot unpack it");
  }
  return out;
}

std::string read_maybe_gzip(const std::filesystem::path& file, std::size_t most) {
  return maybe_gunzip(topology::read_text_file(file, most), file.string(), most);
}

}  // namespace calib
