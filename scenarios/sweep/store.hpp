#pragma once
// The results of a sweep in an SQLite file. Private to this room.
//
//   sweep(key TEXT PRIMARY KEY, value TEXT)   format, name, definition, points, axes (a JSON list)
//   point(id INTEGER PRIMARY KEY,             number of the point
//         settings TEXT,                      JSON list: its value on each axis, null = scenario's
//         status TEXT,                        ok, does_not_fit, invalid or failed
//         message TEXT,                       why, where it is not ok
//         <one REAL column for each of metrics()>)
//
// Nothing in it depends on when, where or in which order points ran: equal sweeps have equal
// stores. Written in WAL mode; what is committed survives a killed process.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scenarios {

enum class PointStatus { Ok, DoesNotFit, Invalid, Failed };
std::string_view name(PointStatus status);

/// A row of the store.
struct PointResult {
  std::uint64_t id = 0;
  std::string settings;  ///< JSON list
  PointStatus status = PointStatus::Ok;
  std::string message{};
  std::vector<double> values{};  ///< by metrics(); empty where there is no prediction
};

/// What a store is of.
struct SweepIdentity {
  std::string name;
  std::string definition;  ///< see SweepPlan
  std::uint64_t points = 0;
  std::vector<std::string> axes;
  bool operator==(const SweepIdentity&) const = default;
};

class Store {
 public:
  /// Makes a new file.
  /// @throws InputError where the file is there already, RuntimeFailure where it cannot be made.
  static Store create(const std::filesystem::path& file, const SweepIdentity& identity);
  /// @throws InputError where there is no store, or one of another format.
  static Store open(const std::filesystem::path& file);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  [[nodiscard]] const SweepIdentity& identity() const { return identity_; }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }
  [[nodiscard]] std::uint64_t size() const;
  /// done[id]: whether the point has a result.
  [[nodiscard]] std::vector<bool> done() const;
  /// Adds rows in one transaction; a point that is there already is replaced.
  /// @throws RuntimeFailure, say for a full disk; then none of them is there.
  void add(const std::vector<PointResult>& rows);
  /// All rows by id.
  void for_each(const std::function<void(const PointResult&)>& visit) const;

 private:
  struct Connection;
  Store(std::filesystem::path file, std::unique_ptr<Connection> connection, SweepIdentity identity);

  std::filesystem::path file_;
  std::unique_ptr<Connection> connection_;
  SweepIdentity identity_;
};

}  // namespace scenarios
