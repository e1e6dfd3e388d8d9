#include "scenarios/figure_sources.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "scenarios/figure_table.hpp"
#include "scenarios/format.hpp"
#include "sim/step/parameters.hpp"

namespace scenarios {

namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) {
      words.emplace_back(text.substr(0, end));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

/// `path` is `above` or below it.
bool is_below(std::string_view path, std::string_view above) {
  return path.starts_with(above) && (path.size() == above.size() || path[above.size()] == '.');
}

/// The format whose dense peak counts, "bf16": what the device falls back to where it lacks one.
std::string peak_precision(const Scenario& s) {
  const topology::Accelerator& a = s.cluster.accelerator;
  const auto wanted = static_cast<std::size_t>(s.training.precision);
  for (std::size_t p = 0; p < topology::kPrecisionCount; ++p) {
    if (a.peak.at(wanted) > units::FlopsPerSecond{}) {
      break;
    }
    if (a.peak.at(p) == a.peak_for(s.training.precision)) {
      return std::string(topology::name(static_cast<topology::Precision>(p)));
    }
  }
  return std::string(topology::name(s.training.precision));
}

std::vector<Explained> inputs_of(std::string_view paths, const Scenario& s) {
  std::vector<std::string> wanted = words_of(paths);
  for (std::string& path : wanted) {
    if (const auto at = path.find("{precision}"); at != std::string::npos) {
      path.replace(at, std::string_view("{precision}").size(), peak_precision(s));
    }
  }
  std::vector<Explained> inputs;
  for (const Explained& value : s.values) {
    const bool counts = std::any_of(wanted.begin(), wanted.end(), [&](const std::string& path) {
      return is_below(value.path, path);
    });
    if (counts) {
      inputs.push_back(value);
    }
  }
  return inputs;
}

/// "gemm bf16: 2,019 records, error 4.2 % in the median, 12.8 % in 9 of 10, -0.5 % on average".
std::string error_text(const std::string& kind, const calib::Residual& r) {
  return fmt::format(
      "{}: {} records, error {:.1f} % in the median, at most {:.1f} % in 9 of 10, "
      "{:+.1f} % on average",
      kind, format_count(r.records), 100 * r.median, 100 * r.p90, 100 * r.bias);
}

void add_errors(const std::map<std::string, calib::Residual>& residuals, std::string_view prefix,
                std::vector<std::string>& out) {
  for (const auto& [kind, residual] : residuals) {
    // Kinds with a size or a group of ranks in their name are parts of others.
    if (kind.starts_with(prefix) && kind.find(">=") == std::string::npos &&
        kind.find(" on ") == std::string::npos) {
      out.push_back(error_text(kind, residual));
    }
  }
}

std::string joined(const std::vector<std::string>& list) {
  return fmt::format("{}", fmt::join(list, ", "));
}

template <class Profile>
std::string provenance(const Profile& p) {
  std::string text = fmt::format("profile {} of {} ({})", p.id, p.accelerator, p.source.date);
  if (!p.source.tables.empty()) {
    text += ", from " + joined(p.source.tables);
  }
  if (!p.source.transferred.empty()) {
    text += "; not measured: " + joined(p.source.transferred);
  }
  return text;
}

/// What stands behind the kinds of measurement, in sentences.
std::vector<std::string> measurements(unsigned kinds, const DeviceModels& models) {
  std::vector<std::string> out;
  const calib::DeviceProfile& device = models.device;
  if ((kinds & (kGemms | kAttention | kMemoryKernels)) != 0) {
    out.push_back(provenance(device));
  }
  if ((kinds & kGemms) != 0) {
    add_errors(device.residuals, "gemm", out);
  }
  if ((kinds & kAttention) != 0) {
    add_errors(device.residuals, "attention", out);
  }
  if ((kinds & kMemoryKernels) != 0) {
    add_errors(device.residuals, "memory", out);
  }
  if ((kinds & (kGemms | kAttention | kMemoryKernels)) != 0) {
    out.insert(out.end(), device.warnings.begin(), device.warnings.end());
  }
  if ((kinds & kCollectives) != 0) {
    out.push_back(provenance(models.collectives));
    add_errors(models.collectives.residuals, "", out);
    out.insert(out.end(), models.collectives.warnings.begin(), models.collectives.warnings.end());
  }
  const auto whole = device.bands.find("step");
  if ((kinds & kSteps) != 0 && whole != device.bands.end() && !whole->second.empty()) {
    const calib::Band& band = whole->second.front();
    out.push_back(
        fmt::format("validation: of {} published training runs 90 % take between {:.2f} and "
                    "{:.2f} times the predicted step; every run: docs/errors.md",
                    format_count(band.records), band.low, band.high));
  }
  return out;
}

std::vector<std::string> fitted_parameters(std::string_view names,
                                           const calib::DeviceProfile& device) {
  const sim::StepParameters fitted;
  const sim::StepParameters used = sim::with_measured(fitted, device.extras);
  std::vector<std::string> out;
  for (const std::string& field : words_of(names)) {
    for (const sim::StepParameterInfo& info : sim::kStepParameters) {
      if (field == info.name) {
        const bool measured = used.*info.field != fitted.*info.field;
        out.push_back(
            fmt::format("{}: {} {:g} {} ({})",
                        measured ? "measured, profile " + device.id : "fitted to training runs",
                        info.name, used.*info.field, info.unit, info.meaning));
      }
    }
  }
  return out;
}

FigureSource source_from(const Figure& f, const Scenario& s, const DeviceModels& models) {
  FigureSource source{.name = std::string(f.name),
                      .title = std::string(f.title),
                      .unit = std::string(f.unit),
                      .what = std::string(f.what),
                      .formula = std::string(f.formula),
                      .from = std::string(f.from),
                      .uncertainty = std::string(f.uncertainty),
                      .inputs = inputs_of(f.inputs, s),
                      .measured = measurements(f.measured, models)};
  for (std::string& parameter : fitted_parameters(f.fitted, models.device)) {
    source.measured.push_back(std::move(parameter));
  }
  return source;
}

/// What `part` takes from the achieved rate, by the way its time is known.
FigureSource lost_to(FigureSource part) {
  part.name = "waterfall." + part.name.substr(part.name.find('.') + 1);
  part.title = "lost to " + part.title;
  part.unit = "FLOP/s";
  part.formula =
      "W / t before this part - W / (t + its time); W: model FLOP per accelerator, t: W / dense "
      "peak "
      "and the parts above it. Its time: " +
      part.formula;
  part.uncertainty = "none of its own: see the same part of breakdown_s";
  return part;
}

/// The first row of the waterfall: what matrix products and attention lose against their peak.
FigureSource below_peak(FigureSource gemm, const FigureSource& attention) {
  gemm.title = "kernels";
  gemm.what = "What matrix products and attention lose against the dense peak.";
  gemm.formula = "time of matrix products and attention - W / dense peak";
  gemm.from += "; " + attention.from;
  for (const std::string& sentence : attention.measured) {
    if (std::find(gemm.measured.begin(), gemm.measured.end(), sentence) == gemm.measured.end()) {
      gemm.measured.push_back(sentence);
    }
  }
  FigureSource row = lost_to(std::move(gemm));
  row.name = "waterfall.kernels below peak";
  row.title = "kernels below the peak";
  row.uncertainty = "none of its own: see breakdown_s.gemm and breakdown_s.attention";
  return row;
}

}  // namespace

std::vector<FigureSource> figure_sources(Answering answering, const Scenario& scenario,
                                         ProfileStore& store) {
  const DeviceModels& models = store.models(scenario.cluster.accelerator);
  std::vector<FigureSource> sources;
  const auto add = [&](std::span<const Figure> figures, const std::string& prefix) {
    for (const Figure& f : figures) {
      sources.push_back(source_from(f, scenario, models));
      sources.back().name = prefix + sources.back().name;
    }
  };
  if (answering == Answering::Run) {
    add(run_figures(), "");
    return sources;
  }
  add(step_figures(), "");
  add(memory_figures(), "memory.");
  const std::size_t first = sources.size();
  add(part_figures(), "breakdown_s.");
  const std::vector<FigureSource> parts(sources.begin() + static_cast<std::ptrdiff_t>(first),
                                        sources.end());
  sources.push_back(below_peak(parts[0], parts[1]));
  for (const FigureSource& part : parts) {
    if (part.name != "breakdown_s.gemm" && part.name != "breakdown_s.attention") {
      sources.push_back(lost_to(part));
    }
  }
  return sources;
}

std::optional<FigureSource> source_of(const std::vector<FigureSource>& sources,
                                      std::string_view name) {
  for (std::string_view wanted = name; !wanted.empty();) {
    const auto found = std::find_if(sources.begin(), sources.end(),
                                    [&](const FigureSource& s) { return s.name == wanted; });
    if (found != sources.end()) {
      FigureSource source = *found;
      if (wanted != name) {
        const std::string row = fmt::format(".{}.", name.substr(wanted.size() + 1));
        std::vector<Explained> own;
        std::copy_if(source.inputs.begin(), source.inputs.end(), std::back_inserter(own),
                     [&](const Explained& v) { return v.path.find(row) != std::string::npos; });
        source.inputs = own.empty() ? source.inputs : own;
        source.title += ": " + std::string(name.substr(wanted.size() + 1));
        source.name = name;
      }
      return source;
    }
    const std::size_t dot = wanted.rfind('.');
    wanted = dot == std::string_view::npos ? std::string_view() : wanted.substr(0, dot);
  }
  return std::nullopt;
}

std::string figure_text(const FigureSource& source, double value) {
  const std::string_view unit = source.unit;
  if (unit == "s") {
    return format_time(units::seconds(value));
  }
  if (unit == "d") {
    return fmt::format("{:.2f} days", value);
  }
  if (unit == "FLOP/s") {
    return format_flop_rate(units::flops_per_second(value));
  }
  if (unit == "B") {
    return format_bytes(units::bytes(value));
  }
  if (unit == "W") {
    return format_power(units::watts(value));
  }
  if (unit == "J") {
    return format_energy(units::joules(value));
  }
  if (unit == "USD") {
    return format_money(units::usd(value));
  }
  if (unit == "share") {
    return fmt::format("{:.1f} %", 100 * value);
  }
  const std::string count =
      std::abs(value) < 1000.0 ? fmt::format("{:.4g}", value) : format_count(std::round(value));
  return unit == "1"     ? count
         : unit == "1/s" ? count + " per second"
         : unit == "1/d" ? count + " per day"
                         : count + " " + std::string(unit);
}

}  // namespace scenarios
