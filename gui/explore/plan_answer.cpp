#include "gui/explore/plan_answer.hpp"

#include <cmath>

#include <QCoreApplication>
#include <QSet>
#include <nlohmann/json.hpp>

#include "gui/explore/sweep_file.hpp"
#include "gui/words.hpp"
#include "topology/error.hpp"

namespace gui {

namespace {

using Json = nlohmann::ordered_json;

/// The context of this file's words for translators.
struct Plans {
  Q_DECLARE_TR_FUNCTIONS(plans)
};

QString text_of(const Json& value) {
  return QString::fromStdString(value.is_string() ? value.get<std::string>() : value.dump());
}

double figure(const Json& of, const char* key) {
  const auto found = of.find(key);
  return found != of.end() && found->is_number() ? found->get<double>()
                                                 : std::numeric_limits<double>::quiet_NaN();
}

Column figure_column(const char* key) {
  const FigureWords words = words_of_figure(key);
  return {key, words.title, words.text};
}

QByteArray bytes(const Json& json) {
  return QByteArray::fromStdString(json.dump());
}

/// "tp 8, pp 16 x 8, dp 128, micro-batch 1"
QString layout_text(const Json& l) {
  QString text = QString("tp %1, pp %2").arg(l.at("tp").get<int>()).arg(l.at("pp").get<int>());
  if (l.at("virtual_stages").get<int>() > 1) {
    text += QString(" x %1").arg(l.at("virtual_stages").get<int>());
  }
  for (const char* key : {"dp", "cp", "ep"}) {
    if (l.at(key).get<int>() > 1) {
      text += QString(", %1 %2").arg(key).arg(l.at(key).get<int>());
    }
  }
  return text + QString(", %1 %2, %3")
                    .arg(Plans::tr("micro-batch"))
                    .arg(l.at("micro_batch").get<int>())
                    .arg(text_of(l.at("sharding")));
}

void add_layout(const Json& one, const QString& kind, Found& found) {
  const Json& layout = one.at("layout");
  found.rows.push_back({{layout_text(layout)},
                        {kind},
                        {{}, figure(one, "step_time_s")},
                        {{}, figure(one, "flow_step_time_s")},
                        {{}, figure(one, "mfu")},
                        {{}, figure(one, "memory_bytes")},
                        {{}, figure(one, "energy_j_per_step")}});
  found.candidates.push_back({layout_text(layout), settings_of_choice(bytes(layout)), true, true});
}

void add_plan(const Json& one, const QString& kind, bool meets, Found& found) {
  const QString fabric = text_of(one.at("fabric"));
  const QString gpus = text_of(one.at("gpus"));
  const QString terms = text_of(one.at("terms"));
  found.rows.push_back({{fabric},
                        {{}, figure(one, "gpus")},
                        {terms},
                        {kind},
                        {{}, figure(one, "finish_p95_s")},
                        {{}, figure(one, "cost_usd")},
                        {{}, figure(one, "peak_power_w")},
                        {{}, figure(one, "carbon_kg")},
                        {{}, figure(one, "step_time_s")},
                        {{}, figure(one, "mfu")},
                        {text_of(one.at("layout"))}});
  std::vector<Setting> settings{
      {"cluster.fabric", fabric}, {"cluster.gpus", gpus}, {"purchase.terms", terms}};
  const auto layout = settings_of_choice(bytes(one.at("choice")));
  settings.insert(settings.end(), layout.begin(), layout.end());
  found.candidates.push_back(
      {QString("%1 %2, %3").arg(gpus, fabric, terms), std::move(settings), meets, true});
}

/// "deadline" with its figure in the unit that people use.
QString limit_text(const QString& limit, double value) {
  return limit == "deadline" ? days_text(value)
         : limit == "budget" ? money_text(value)
         : limit == "power"  ? power_text(value)
                             : count_text(value);
}

QString binding_text(const Json& binding, const Json& limits, const QString& goal) {
  const QString limit = text_of(binding.at("limit"));
  QString text = Plans::tr("%1 %2: %3 used")
                     .arg(limit, limit_text(limit, figure(limits, limit.toLatin1().constData())),
                          percent_text(figure(binding, "used")));
  const double gain = figure(binding, "gain_of_goal_by_10_percent_more");
  if (gain > 0) {
    text += Plans::tr(", a tenth more would save %1")
                .arg(goal == "money"   ? money_text(gain)
                     : goal == "time"  ? days_text(gain)
                     : goal == "power" ? power_text(gain)
                                       : count_text(gain));
  }
  return text;
}

QString clash_text(const Json& root) {
  QStringList ways;
  for (const Json& set : root.at("clash")) {
    QStringList limits;
    for (const Json& limit : set) {
      limits << text_of(limit);
    }
    ways << limits.join(Plans::tr(" and "));
  }
  return Plans::tr("No plan meets the limits.") +
         (ways.isEmpty()
              ? QString()
              : " " +
                    Plans::tr("Without %1 there would be one.").arg(ways.join(Plans::tr(", or "))));
}

template <class Read>
Found guarded(const QByteArray& json, Read read) {
  try {
    return read(Json::parse(json.begin(), json.end()));
  } catch (const Json::exception&) {
    throw topology::RuntimeFailure(
        "the search's answer cannot be read; is gpuplan of the same version as gpuplan-gui?");
  }
}

}  // namespace

Found read_layouts(const QByteArray& json) {
  return guarded(json, [](const Json& root) {
    Found found;
    found.columns = {{"layout", Plans::tr("Layout")},
                     {"found", Plans::tr("Found as")},
                     figure_column("step_time_s"),
                     figure_column("flow_step_time_s"),
                     figure_column("mfu"),
                     figure_column("memory_bytes"),
                     figure_column("energy_j_per_step")};
    QSet<QByteArray> known;
    for (const char* list : {"best", "pareto"}) {
      for (const Json& one : root.at(list)) {
        if (const QByteArray layout = bytes(one.at("layout")); !known.contains(layout)) {
          known.insert(layout);
          add_layout(one, list == QLatin1String("best") ? Plans::tr("best") : Plans::tr("Pareto"),
                     found);
        }
      }
    }
    found.summary =
        Plans::tr("%1 layouts looked at in %2: %3 cannot train the model, %4 do not fit.")
            .arg(count_text(figure(root, "considered")), time_text(figure(root, "search_s")),
                 count_text(figure(root, "invalid")), count_text(figure(root, "do_not_fit")));
    if (found.rows.empty()) {
      found.summary += " " + Plans::tr(
                                 "None is left: use more or larger accelerators, or a smaller "
                                 "training.global_batch or sequence_length.");
    }
    found.x = "step_time_s";
    found.y = "memory_bytes";
    return found;
  });
}

Found read_plans(const QByteArray& json) {
  return guarded(json, [](const Json& root) {
    Found found;
    found.columns = {{"fabric", Plans::tr("Cluster")}, figure_column("gpus"),
                     {"terms", Plans::tr("Paid")},     {"found", Plans::tr("Found as")},
                     figure_column("finish_p95_s"),    figure_column("cost_usd"),
                     figure_column("peak_power_w"),    figure_column("carbon_kg"),
                     figure_column("step_time_s"),     figure_column("mfu"),
                     {"layout", Plans::tr("Layout")}};
    const bool feasible = root.at("feasible").get<bool>();
    QSet<QString> known;
    const auto add = [&](const Json& one, const QString& kind, bool meets) {
      const QString name =
          text_of(one.at("fabric")) + text_of(one.at("gpus")) + text_of(one.at("terms"));
      if (!known.contains(name)) {
        known.insert(name);
        add_plan(one, kind, meets, found);
      }
    };
    found.summary =
        Plans::tr("%1 plans and %2 layouts looked at.")
            .arg(count_text(figure(root, "candidates")), count_text(figure(root, "layouts")));
    if (feasible) {
      add(root.at("plan"), Plans::tr("best"), true);
      for (const Json& one : root.at("close")) {
        add(one, Plans::tr("close"), true);
      }
      QStringList bindings;
      for (const Json& binding : root.at("binding")) {
        bindings << binding_text(binding, root.at("limits"), text_of(root.at("goal")));
      }
      found.summary += (bindings.isEmpty() ? "" : " ") + bindings.join("; ") + ".";
    } else {
      found.summary = clash_text(root);
      if (root.at("nearest").is_object()) {
        add(root.at("nearest"), Plans::tr("nearest"), false);
      }
    }
    for (const Json& one : root.at("pareto")) {
      add(one, Plans::tr("Pareto"), feasible);
    }
    found.x = "finish_p95_s";
    found.y = "cost_usd";
    return found;
  });
}

}  // namespace gui
