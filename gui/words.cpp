#include "gui/words.hpp"

#include <algorithm>
#include <array>

#include <QCoreApplication>

#include "scenarios/format.hpp"

namespace gui {

namespace {

struct Part {
  const char* key;
  const char* name;
  QRgb colour;
};

// Colours: Paul Tol's "bright" and "muted" schemes, told apart with any kind of colour vision.
constexpr std::array kParts{
    Part{"gemm", QT_TRANSLATE_NOOP("parts", "Matrix products"), 0xff4477aa},
    Part{"attention", QT_TRANSLATE_NOOP("parts", "Attention"), 0xff66ccee},
    Part{"memory_bound", QT_TRANSLATE_NOOP("parts", "Memory-bound"), 0xff228833},
    Part{"embedding", QT_TRANSLATE_NOOP("parts", "Embedding"), 0xff44aa99},
    Part{"loss", QT_TRANSLATE_NOOP("parts", "Loss"), 0xff117733},
    Part{"recompute", QT_TRANSLATE_NOOP("parts", "Recomputation"), 0xff999933},
    Part{"tp_comm", QT_TRANSLATE_NOOP("parts", "TP network"), 0xffee6677},
    Part{"cp_comm", QT_TRANSLATE_NOOP("parts", "CP network"), 0xffcc6677},
    Part{"ep_comm", QT_TRANSLATE_NOOP("parts", "EP network"), 0xffaa4499},
    Part{"pp_comm", QT_TRANSLATE_NOOP("parts", "Pipeline network"), 0xffccbb44},
    Part{"dp_comm", QT_TRANSLATE_NOOP("parts", "DP network"), 0xffaa3377},
    Part{"optimizer", QT_TRANSLATE_NOOP("parts", "Optimizer"), 0xff882255},
    Part{"offload", QT_TRANSLATE_NOOP("parts", "Offload"), 0xff9988dd},
    Part{"host", QT_TRANSLATE_NOOP("parts", "Host"), 0xffddaa77},
    Part{"bubble", QT_TRANSLATE_NOOP("parts", "Pipeline bubble"), 0xff999999},
    Part{"straggler", QT_TRANSLATE_NOOP("parts", "Stragglers"), 0xff777788},
    Part{"data_loading", QT_TRANSLATE_NOOP("parts", "Waiting for data"), 0xffbbbbcc},
    Part{"kernels below peak", QT_TRANSLATE_NOOP("parts", "Kernels below peak"), 0xff4477aa},
    Part{"work", QT_TRANSLATE_NOOP("parts", "Training"), 0xff228833},
    Part{"checkpoint", QT_TRANSLATE_NOOP("parts", "Writing checkpoints"), 0xff4477aa},
    Part{"rework", QT_TRANSLATE_NOOP("parts", "Work done twice"), 0xffee6677},
    Part{"downtime", QT_TRANSLATE_NOOP("parts", "Down"), 0xffaa3377},
    Part{"restart", QT_TRANSLATE_NOOP("parts", "Restarting"), 0xffccbb44},
    Part{"waiting", QT_TRANSLATE_NOOP("parts", "Waiting for nodes"), 0xff999999},
    Part{"slow", QT_TRANSLATE_NOOP("parts", "Running slowly"), 0xffddaa77},
    Part{"forward", QT_TRANSLATE_NOOP("parts", "Forward"), 0xff4477aa},
    Part{"backward", QT_TRANSLATE_NOOP("parts", "Backward"), 0xff228833},
    Part{"parameters", QT_TRANSLATE_NOOP("parts", "Parameters"), 0xff4477aa},
    Part{"gradients", QT_TRANSLATE_NOOP("parts", "Gradients"), 0xff66ccee},
    Part{"activations", QT_TRANSLATE_NOOP("parts", "Activations"), 0xffee6677},
    Part{"fragmentation", QT_TRANSLATE_NOOP("parts", "Fragmentation"), 0xff999999},
    Part{"reserved", QT_TRANSLATE_NOOP("parts", "Reserved by libraries"), 0xff777788},
};

/// Kernels of transformers and towers, as operators of sim/workload name them.
constexpr std::array kKernels{
    QT_TRANSLATE_NOOP("kernels", "QKV projection"),
    QT_TRANSLATE_NOOP("kernels", "attention output"),
    QT_TRANSLATE_NOOP("kernels", "attention"),
    QT_TRANSLATE_NOOP("kernels", "rotary embedding"),
    QT_TRANSLATE_NOOP("kernels", "MLP up"),
    QT_TRANSLATE_NOOP("kernels", "MLP activation"),
    QT_TRANSLATE_NOOP("kernels", "MLP down"),
    QT_TRANSLATE_NOOP("kernels", "norm"),
    QT_TRANSLATE_NOOP("kernels", "residual"),
    QT_TRANSLATE_NOOP("kernels", "router"),
    QT_TRANSLATE_NOOP("kernels", "token permutation"),
    QT_TRANSLATE_NOOP("kernels", "embedding"),
    QT_TRANSLATE_NOOP("kernels", "logits"),
    QT_TRANSLATE_NOOP("kernels", "loss"),
    QT_TRANSLATE_NOOP("kernels", "optimizer"),
    QT_TRANSLATE_NOOP("kernels", "convolution"),
    QT_TRANSLATE_NOOP("kernels", "depthwise convolution"),
    QT_TRANSLATE_NOOP("kernels", "linear layer"),
    QT_TRANSLATE_NOOP("kernels", "activation"),
    QT_TRANSLATE_NOOP("kernels", "gate"),
    QT_TRANSLATE_NOOP("kernels", "addition"),
    QT_TRANSLATE_NOOP("kernels", "movement"),
    QT_TRANSLATE_NOOP("kernels", "cast to 8 bits"),
    QT_TRANSLATE_NOOP("kernels", "expansion of 4-bit weights"),
    QT_TRANSLATE_NOOP("kernels", "gradient accumulation"),
    QT_TRANSLATE_NOOP("kernels", "other"),
};

const Part* find(const QString& key) {
  for (const Part& part : kParts) {
    if (key == QLatin1String(part.key)) {
      return &part;
    }
  }
  return nullptr;
}

}  // namespace

QString time_text(double seconds) {
  return QString::fromStdString(scenarios::format_time(units::seconds(seconds)));
}
QString bytes_text(double bytes) {
  return QString::fromStdString(scenarios::format_bytes(units::bytes(bytes)));
}
QString bandwidth_text(double bytes_per_s) {
  return QString::fromStdString(
      scenarios::format_bandwidth(units::bytes(bytes_per_s) / units::seconds(1)));
}
QString flop_rate_text(double flops_per_s) {
  return QString::fromStdString(
      scenarios::format_flop_rate(units::flops(flops_per_s) / units::seconds(1)));
}
QString power_text(double watts) {
  return QString::fromStdString(scenarios::format_power(units::watts(watts)));
}
QString energy_text(double joules) {
  return QString::fromStdString(scenarios::format_energy(units::joules(joules)));
}
QString count_text(double count) {
  return QString::fromStdString(scenarios::format_count(count));
}
QString money_text(double usd) {
  return QString::fromStdString(scenarios::format_money(units::usd(usd)));
}
QString days_text(double seconds) {
  constexpr double kDay = 86400.0;
  return QCoreApplication::translate("words", "%1 days").arg(seconds / kDay, 0, 'f', 1);
}
QString percent_text(double share) {
  return QString::number(100.0 * share, 'f', 1) + " %";
}

QString part_name(const QString& key) {
  const Part* part = find(key);
  return part == nullptr ? key : QCoreApplication::translate("parts", part->name);
}

QString kernel_name(const QString& name) {
  const QString expert = "expert ";
  const QString gradient = ", weight gradient";
  QString plain = name;
  if (plain.startsWith(expert)) {
    plain.remove(0, expert.size());
  }
  if (plain.endsWith(gradient)) {
    plain.chop(gradient.size());
  }
  const auto known = std::find_if(kKernels.begin(), kKernels.end(), [&](const char* kernel) {
    return plain == QLatin1String(kernel);
  });
  QString words = known == kKernels.end() ? plain : QCoreApplication::translate("kernels", *known);
  if (name.startsWith(expert)) {
    words = QCoreApplication::translate("kernels", "expert %1").arg(words);
  }
  return name.endsWith(gradient)
             ? QCoreApplication::translate("kernels", "%1, weight gradient").arg(words)
             : words;
}

QColor part_colour(const QString& key) {
  const Part* part = find(key);
  return part == nullptr ? QColor(0x88, 0x88, 0x99) : QColor::fromRgb(part->colour);
}

}  // namespace gui
