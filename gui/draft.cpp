#include "gui/draft.hpp"

#include <array>
#include <cmath>

#include <QRegularExpression>
#include <nlohmann/json.hpp>

#include "scenarios/edit_yaml.hpp"
#include "topology/error.hpp"

namespace gui {

namespace {

using Json = nlohmann::ordered_json;

QString text_of(const Json& value) {
  return QString::fromStdString(value.is_string() ? value.get<std::string>() : value.dump());
}

}  // namespace

QStringList Subject::profile_words() const {
  return profile.isEmpty() ? QStringList() : QStringList{"--profile", profile};
}

QStringList Subject::command(const QString& word) const {
  return QStringList{word, path, "--stdin", "--json"} + profile_words();
}

QString with_settings(const Subject& subject, const std::vector<Setting>& settings) {
  std::string text = subject.text.toStdString();
  for (const Setting& setting : settings) {
    text = scenarios::with_value(
        text, setting.key.toStdString(),
        setting.value.isNull() ? std::nullopt : std::optional(setting.value.toStdString()),
        subject.path.toStdString());
  }
  return QString::fromStdString(text);
}

QStringList values_around(const QString& value) {
  return multiples(value, {0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 8.0});
}

QStringList multiples(const QString& value, const std::vector<double>& factors) {
  static const QRegularExpression number(R"(^\s*(\d+(?:\.\d+)?(?:e\d+)?)(?:\s+(\S+))?\s*$)");
  const auto match = number.match(value);
  const double at = match.captured(1).toDouble();
  if (!match.hasMatch() || at <= 0) {
    return {};
  }
  const QString unit = match.captured(2).isEmpty() ? QString() : " " + match.captured(2);
  const bool whole = unit.isEmpty() && at == std::floor(at);
  QStringList values;
  for (const double factor : factors) {
    const double one = factor * at;
    if (!whole || one == std::floor(one)) {
      values << QString::number(one, 'g', 12) + unit;
    }
  }
  return values;
}

QString with_fault(const Subject& subject, const QString& what) {
  const auto known = scenarios::value_in_text(subject.text.toStdString(), "network.faults",
                                              subject.path.toStdString());
  QString faults = known ? QString::fromStdString(*known).trimmed() : "[]";
  if (faults.contains('\n') || !faults.endsWith(']')) {
    throw topology::InputError(
        {subject.path.toStdString()}, "network.faults",
        "is written as a block; add {what: " + what.toStdString() + "} to it in the YAML tab");
  }
  faults.chop(1);
  const bool first = faults.trimmed() == "[";
  return with_settings(
      subject, {{"network.faults", faults + (first ? "" : ", ") + "{what: " + what + "}]"}});
}

bool changes_data_parallel(const QString& key) {
  static const QStringList kKeys{"cluster.gpus", "layout.tp", "layout.pp", "layout.cp"};
  return kKeys.contains(key);
}

std::vector<Setting> settings_of_choice(const QByteArray& choice) {
  const Json json = Json::parse(choice.begin(), choice.end());
  std::vector<Setting> settings;
  for (const char* key : {"tp", "pp", "virtual_stages", "dp", "cp", "ep", "sequence_parallel",
                          "sharding", "schedule", "order"}) {
    settings.push_back({QString("layout.") + key, text_of(json.at(key))});
  }
  if (json.at("ep").get<int>() > 1) {
    settings.push_back({"layout.expert_tp", text_of(json.at("expert_tp"))});
  }
  settings.push_back({"layout.shard_degree",
                      json.at("sharding") == "ddp" ? QString() : text_of(json.at("shard_degree"))});
  settings.push_back({"training.micro_batch", text_of(json.at("micro_batch"))});
  const Json& layers = json.at("recompute_layers");
  settings.push_back({"training.recompute", layers.is_null()
                                                ? text_of(json.at("recompute"))
                                                : QString("{layers: %1}").arg(layers.get<int>())});
  return settings;
}

}  // namespace gui
