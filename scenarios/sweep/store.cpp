#include "scenarios/sweep/store.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "scenarios/sweep/metrics.hpp"
#include "topology/error.hpp"

namespace scenarios {

using topology::InputError;
using topology::RuntimeFailure;

namespace {

constexpr const char* kFormat = "gpuplan.sweep/1";
constexpr int kBusyMilliseconds = 10'000;  // another process may just be committing
constexpr std::array<std::string_view, 4> kStatus{"ok", "does_not_fit", "invalid", "failed"};

[[noreturn]] void fail(const std::filesystem::path& file, const SQLite::Exception& e) {
  constexpr int kFull = 13;
  throw RuntimeFailure(
      fmt::format("{}: the store cannot be read or written: {}{}", file.string(), e.what(),
                  e.getErrorCode() == kFull ? "; free some space and go on with --resume" : ""));
}

std::string columns() {
  std::string list = "id, settings, status, message";
  for (const Metric& m : metrics()) {
    list += fmt::format(", {}", m.name);
  }
  return list;
}

}  // namespace

std::string_view name(PointStatus status) {
  return kStatus[static_cast<std::size_t>(status)];
}

struct Store::Connection {
  Connection(const std::filesystem::path& file, int flags)
      : database(file.string(), flags, kBusyMilliseconds) {}
  SQLite::Database database;
};

Store::Store(std::filesystem::path file, std::unique_ptr<Connection> connection,
             SweepIdentity identity)
    : file_(std::move(file)), connection_(std::move(connection)), identity_(std::move(identity)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Store Store::create(const std::filesystem::path& file, const SweepIdentity& identity) {
  std::error_code code;
  if (std::filesystem::exists(file, code)) {
    throw InputError({file.string()}, "--store",
                     "the file is there already; go on with it by --resume, or name another one");
  }
  try {
    auto connection =
        std::make_unique<Connection>(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    SQLite::Database& db = connection->database;
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    SQLite::Transaction transaction(db);
    std::string table =
        "CREATE TABLE sweep(key TEXT PRIMARY KEY, value TEXT NOT NULL);"
        "CREATE TABLE point(id INTEGER PRIMARY KEY, settings TEXT NOT NULL, status TEXT NOT NULL, "
        "message TEXT NOT NULL";
    for (const Metric& m : metrics()) {
      table += fmt::format(", {} REAL", m.name);
    }
    db.exec(table + ")");
    const std::pair<const char*, std::string> rows[] = {
        {"format", kFormat},
        {"name", identity.name},
        {"definition", identity.definition},
        {"points", std::to_string(identity.points)},
        {"axes", nlohmann::json(identity.axes).dump()}};
    SQLite::Statement insert(db, "INSERT INTO sweep VALUES (?, ?)");
    for (const auto& [key, value] : rows) {
      insert.bind(1, key);
      insert.bind(2, value);
      insert.exec();
      insert.reset();
    }
    transaction.commit();
    return Store(file, std::move(connection), identity);
  } catch (const SQLite::Exception& e) {
    fail(file, e);
  }
}

Store Store::open(const std::filesystem::path& file) {
  std::error_code code;
  if (!std::filesystem::exists(file, code)) {
    throw InputError({file.string()}, "store", "there is no such file");
  }
  try {
    auto connection = std::make_unique<Connection>(file, SQLite::OPEN_READWRITE);
    SweepIdentity identity;
    std::string format;
    SQLite::Statement rows(connection->database, "SELECT key, value FROM sweep");
    while (rows.executeStep()) {
      const std::string key = rows.getColumn(0);
      const std::string value = rows.getColumn(1);
      if (key == "format") {
        format = value;
      } else if (key == "name") {
        identity.name = value;
      } else if (key == "definition") {
        identity.definition = value;
      } else if (key == "points") {
        identity.points = std::stoull(value);
      } else if (key == "axes") {
        identity.axes = nlohmann::json::parse(value).get<std::vector<std::string>>();
      }
    }
    if (format != kFormat) {
      throw InputError({file.string()}, "store",
                       fmt::format("found the format \"{}\", expected \"{}\"; it was written by "
                                   "another version of gpuplan",
                                   format, kFormat));
    }
    return Store(file, std::move(connection), std::move(identity));
  } catch (const SQLite::Exception& e) {
    throw InputError({file.string()}, "store",
                     fmt::format("this is no store of gpuplan sweep ({})", e.what()));
  } catch (const std::exception& e) {
    if (dynamic_cast<const InputError*>(&e) != nullptr) {
      throw;
    }
    throw InputError({file.string()}, "store", fmt::format("the store is damaged ({})", e.what()));
  }
}

std::uint64_t Store::size() const {
  try {
    return static_cast<std::uint64_t>(
        connection_->database.execAndGet("SELECT count(*) FROM point").getInt64());
  } catch (const SQLite::Exception& e) {
    fail(file_, e);
  }
}

std::vector<bool> Store::done() const {
  try {
    std::vector<bool> done(identity_.points, false);
    SQLite::Statement rows(connection_->database, "SELECT id FROM point");
    while (rows.executeStep()) {
      const auto id = static_cast<std::uint64_t>(rows.getColumn(0).getInt64());
      if (id < done.size()) {
        done[id] = true;
      }
    }
    return done;
  } catch (const SQLite::Exception& e) {
    fail(file_, e);
  }
}

void Store::add(const std::vector<PointResult>& rows) {
  if (rows.empty()) {
    return;
  }
  try {
    std::vector<std::string_view> marks(4 + metrics().size(), "?");
    SQLite::Transaction transaction(connection_->database);
    SQLite::Statement insert(connection_->database,
                             fmt::format("INSERT OR REPLACE INTO point({}) VALUES ({})", columns(),
                                         fmt::join(marks, ", ")));
    for (const PointResult& row : rows) {
      insert.bind(1, static_cast<std::int64_t>(row.id));
      insert.bind(2, row.settings);
      insert.bind(3, std::string(name(row.status)));
      insert.bind(4, row.message);
      for (std::size_t i = 0; i < metrics().size(); ++i) {
        const int column = static_cast<int>(i) + 5;
        if (i < row.values.size() && std::isfinite(row.values[i])) {
          insert.bind(column, row.values[i]);
        } else {
          insert.bind(column);
        }
      }
      insert.exec();
      insert.reset();
    }
    transaction.commit();
  } catch (const SQLite::Exception& e) {
    fail(file_, e);
  }
}

void Store::for_each(const std::function<void(const PointResult&)>& visit) const {
  try {
    SQLite::Statement rows(connection_->database,
                           fmt::format("SELECT {} FROM point ORDER BY id", columns()));
    while (rows.executeStep()) {
      PointResult row{.id = static_cast<std::uint64_t>(rows.getColumn(0).getInt64()),
                      .settings = rows.getColumn(1)};
      const std::string status = rows.getColumn(2);
      row.status = static_cast<PointStatus>(std::find(kStatus.begin(), kStatus.end() - 1, status) -
                                            kStatus.begin());
      row.message = rows.getColumn(3).getString();
      for (std::size_t i = 0; i < metrics().size(); ++i) {
        const SQLite::Column value = rows.getColumn(static_cast<int>(i) + 4);
        if (!value.isNull()) {
          row.values.resize(metrics().size(), std::nan(""));
          row.values[i] = value.getDouble();
        }
      }
      visit(row);
    }
  } catch (const SQLite::Exception& e) {
    fail(file_, e);
  }
}

}  // namespace scenarios
