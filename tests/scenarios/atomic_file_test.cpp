#include "scenarios/atomic_file.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topology/error.hpp"

#include "tests/scenarios/temporary_files.hpp"

namespace {

using scenarios::write_file;
using testing::HasSubstr;

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string failure(const std::filesystem::path& path, const std::string& text) {
  try {
    write_file(path, text);
  } catch (const topology::RuntimeFailure& e) {
    return e.what();
  }
  ADD_FAILURE() << "expected a RuntimeFailure";
  return {};
}

long entries(const std::filesystem::path& directory) {
  return std::distance(std::filesystem::directory_iterator(directory),
                       std::filesystem::directory_iterator());
}

TEST(AtomicFile, ReplacesTheWholeFileAndLeavesNothingElse) {
  const TemporaryFiles files;
  const auto path = files.directory() / "out.json";
  write_file(path, "first, and longer");
  write_file(path, "second");
  EXPECT_EQ(contents(path), "second");
  EXPECT_EQ(entries(files.directory()), 1);
}

TEST(AtomicFile, KeepsPermissionsAndLinks) {
  const TemporaryFiles files;
  const auto path = files.write("real.txt", "old");
  std::filesystem::permissions(path, std::filesystem::perms::owner_read |
                                         std::filesystem::perms::owner_write |
                                         std::filesystem::perms::group_read);
  const auto link = files.directory() / "link.txt";
  std::filesystem::create_symlink(path, link);
  write_file(link, "new");
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(contents(path), "new");
  EXPECT_EQ(static_cast<int>(std::filesystem::status(path).permissions()), 0640);
}

TEST(AtomicFile, SaysWhatIsInTheWay) {
  const TemporaryFiles files;
  EXPECT_THAT(failure(files.directory() / "none" / "out.json", "x"),
              HasSubstr("No such file or directory; create its directory first"));
  EXPECT_THAT(failure(files.directory(), "x"), HasSubstr("Is a directory"));
}

TEST(AtomicFile, FullDiskIsAFailure) {
  if (!std::filesystem::exists("/dev/full")) {
    GTEST_SKIP() << "no /dev/full here";
  }
  EXPECT_THAT(failure("/dev/full", "x"), HasSubstr("No space left on device; free some space"));
}

}  // namespace
