#pragma once
// Several values of a scenario's text at once, as sliders, sweeps and plans set them.
#include <vector>

#include <QString>
#include <QStringList>

namespace gui {

/// One value as a file writes it; null: taken away, so that the default holds.
struct Setting {
  QString key, value;
};

/// The scenario that a view works on.
struct Subject {
  QString path, text;
  QString profile{};  ///< of gpuplan calibrate; empty: the catalog's
  [[nodiscard]] bool empty() const { return path.isEmpty(); }
  bool operator==(const Subject&) const = default;
  /// The command that answers about it, given `text` on standard input: "run FILE --stdin --json".
  [[nodiscard]] QStringList command(const QString& word) const;
  /// "--profile FILE", or nothing.
  [[nodiscard]] QStringList profile_words() const;
};

/// @throws topology::InputError where the text is not YAML.
QString with_settings(const Subject& subject, const std::vector<Setting>& settings);

/// `value` times each of `factors`: whole numbers stay whole, units stay. Empty where it is no
/// number.
QStringList multiples(const QString& value, const std::vector<double>& factors);
/// Values to try instead of `value`, itself among them, from low to high.
QStringList values_around(const QString& value);

/// The scenario without a device or a link: "spine 3", "leaf 2 <-> spine 1".
/// @throws topology::InputError where its faults are written in a way that cannot be added to.
QString with_fault(const Subject& subject, const QString& what);

/// Where a degree of parallelism or the size changes, the data-parallel degree follows.
bool changes_data_parallel(const QString& key);

/// The settings that make a layout what `choice` says: a "layout" of `gpuplan search --json` or a
/// "choice" of `gpuplan plan --json`, as JSON.
std::vector<Setting> settings_of_choice(const QByteArray& choice);

}  // namespace gui
