#include "gui/views/trace.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include <QCoreApplication>
#include <QFile>
#include <QHash>
#include <nlohmann/json.hpp>

#include "gui/words.hpp"
#include "topology/error.hpp"

namespace gui {

namespace {

constexpr std::int64_t kAtOnce = 2;       ///< ns: the format's times are rounded
constexpr std::int64_t kBuckets = 16384;  ///< of a row: several per pixel of any screen

constexpr std::array<const char*, kWorks> kKeys{"forward", "backward", "optimizer",
                                                "tp_comm", "cp_comm",  "ep_comm",
                                                "pp_comm", "dp_comm",  "other"};

Work work_of(const std::string& name) {
  for (std::size_t i = 0; i < kKeys.size(); ++i) {
    if (name == kKeys[i]) {
      return static_cast<Work>(i);
    }
  }
  const bool numbered = name.size() > 1 && name[1] >= '0' && name[1] <= '9';
  return numbered && name[0] == 'F'   ? Work::Forward
         : numbered && name[0] == 'B' ? Work::Backward
                                      : Work::Other;
}

}  // namespace

QString key_of(Work work) {
  return kKeys[static_cast<std::size_t>(work)];
}

void TraceRow::summarise(std::int64_t end) {
  std::array<bool, kWorks> present{};
  for (const TraceSpan& span : spans) {
    present[static_cast<std::size_t>(span.work)] = true;
  }
  works_.clear();
  for (std::size_t w = 0; w < kWorks; ++w) {
    if (present[w]) {
      works_.push_back(static_cast<Work>(w));
    }
  }
  width_ = end / kBuckets + 1;
  buckets_ = static_cast<std::size_t>(end / width_ + 1);
  const std::size_t columns = works_.size();
  std::vector<double> busy((buckets_ + 1) * columns, 0.0);  // of the bucket before each border
  for (const TraceSpan& span : spans) {
    for (std::int64_t b = span.begin / width_; b * width_ < span.end; ++b) {
      const std::int64_t from = std::max(span.begin, b * width_);
      const std::int64_t to = std::min(span.end, (b + 1) * width_);
      busy[(static_cast<std::size_t>(b) + 1) * columns + column(span.work)] +=
          static_cast<double>(to - from);
    }
  }
  busy_until_.resize(busy.size());
  for (std::size_t i = 0; i < busy.size(); ++i) {
    busy[i] += i >= columns ? busy[i - columns] : 0.0;
    busy_until_[i] = static_cast<float>(busy[i]);
  }
}

std::size_t TraceRow::column(Work work) const {
  return static_cast<std::size_t>(std::find(works_.begin(), works_.end(), work) - works_.begin());
}

std::size_t TraceRow::first_after(std::int64_t time) const {
  const auto it = std::partition_point(spans.begin(), spans.end(),
                                       [time](const TraceSpan& span) { return span.end <= time; });
  return static_cast<std::size_t>(it - spans.begin());
}

Totals TraceRow::totals(std::int64_t from, std::int64_t to) const {
  Totals sum{};
  for (std::size_t i = first_after(from); i < spans.size() && spans[i].begin < to; ++i) {
    sum[static_cast<std::size_t>(spans[i].work)] +=
        static_cast<double>(std::min(spans[i].end, to) - std::max(spans[i].begin, from));
  }
  return sum;
}

void TraceRow::sample(double from, double step, int count, std::vector<float>& busy) const {
  const std::size_t columns = works_.size();
  busy.assign(static_cast<std::size_t>(count) * columns, 0.0F);
  if (step < static_cast<double>(width_)) {
    sample_spans(from, step, count, busy);
    return;
  }
  std::array<float, kWorks> last{};
  for (int i = 0; i <= count; ++i) {
    const double place = std::clamp((from + i * step) / static_cast<double>(width_), 0.0,
                                    static_cast<double>(buckets_) - 1e-6);
    const auto b = static_cast<std::size_t>(place);
    const auto inside = static_cast<float>(place - static_cast<double>(b));
    const float* const low = &busy_until_[b * columns];
    for (std::size_t w = 0; w < columns; ++w) {
      const float now = low[w] + inside * (low[w + columns] - low[w]);
      if (i > 0) {
        busy[static_cast<std::size_t>(i - 1) * columns + w] = now - last[w];
      }
      last[w] = now;
    }
  }
}

void TraceRow::sample_spans(double from, double step, int count, std::vector<float>& busy) const {
  const std::size_t columns = works_.size();
  for (std::size_t i = first_after(static_cast<std::int64_t>(from)); i < spans.size(); ++i) {
    const double begin = (static_cast<double>(spans[i].begin) - from) / step;
    const double end = (static_cast<double>(spans[i].end) - from) / step;
    if (begin >= count) {
      break;
    }
    const std::size_t w = column(spans[i].work);
    for (int x = std::max(0, static_cast<int>(begin)); x < count && x < end; ++x) {
      const double inside = std::min(end, x + 1.0) - std::max(begin, static_cast<double>(x));
      busy[static_cast<std::size_t>(x) * columns + w] += static_cast<float>(inside * step);
    }
  }
}

std::size_t Trace::spans() const {
  std::size_t sum = 0;
  for (const TraceRow& row : rows) {
    sum += row.spans.size();
  }
  return sum;
}

void Trace::summarise() {
  end = 0;
  for (TraceRow& row : rows) {
    std::sort(row.spans.begin(), row.spans.end(),
              [](const TraceSpan& a, const TraceSpan& b) { return a.begin < b.begin; });
    for (const TraceSpan& span : row.spans) {
      end = std::max(end, span.end);
    }
  }
  for (TraceRow& row : rows) {
    row.summarise(end);
  }
}

std::optional<SpanPlace> Trace::find(const QString& words,
                                     const std::optional<SpanPlace>& after) const {
  if (words.isEmpty()) {
    return std::nullopt;
  }
  std::vector<bool> named;
  for (const QString& name : names) {
    named.push_back(name.contains(words, Qt::CaseInsensitive) ||
                    part_name(name).contains(words, Qt::CaseInsensitive));
  }
  using Key = std::tuple<std::int64_t, std::size_t, std::size_t>;  // begin, row, place in it
  const Key from = after ? Key{at(*after).begin, after->row, after->span} : Key{-1, 0, 0};
  std::optional<Key> next;
  std::optional<Key> first;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const bool whole_row = rows[r].label.contains(words, Qt::CaseInsensitive);
    for (std::size_t i = 0; i < rows[r].spans.size(); ++i) {
      const TraceSpan& span = rows[r].spans[i];
      if (whole_row || named[static_cast<std::size_t>(span.name)]) {
        const Key key{span.begin, r, i};
        first = !first || key < *first ? key : *first;
        next = key > from && (!next || key < *next) ? key : next;
      }
    }
  }
  const auto& found = next ? next : first;
  return found ? std::optional(SpanPlace{std::get<1>(*found), std::get<2>(*found)}) : std::nullopt;
}

std::vector<SpanPlace> Trace::waited_for(const SpanPlace& place) const {
  std::vector<SpanPlace> before;
  const std::int64_t begin = at(place).begin;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const std::size_t i = rows[r].first_after(begin - kAtOnce - 1);
    const bool met = i < rows[r].spans.size() && rows[r].spans[i].end <= begin + kAtOnce;
    if (met && SpanPlace{r, i} != place) {
      before.push_back({r, i});
    }
  }
  return before;
}

std::vector<SpanPlace> Trace::waited_for_it(const SpanPlace& place) const {
  std::vector<SpanPlace> later;
  const std::int64_t moment = at(place).end;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto& spans = rows[r].spans;
    const auto it = std::partition_point(
        spans.begin(), spans.end(),
        [moment](const TraceSpan& span) { return span.begin < moment - kAtOnce; });
    const SpanPlace found{r, static_cast<std::size_t>(it - spans.begin())};
    if (it != spans.end() && it->begin <= moment + kAtOnce && found != place) {
      later.push_back(found);
    }
  }
  return later;
}

Trace side_by_side(const Trace& first, const Trace& second, const QString& first_mark,
                   const QString& second_mark) {
  Trace both;
  both.names = first.names;
  both.names.insert(both.names.end(), second.names.begin(), second.names.end());
  const auto shift = static_cast<std::int32_t>(first.names.size());
  const auto add = [&both](const TraceRow& row, const QString& mark, std::int32_t by) {
    both.rows.push_back(row);
    both.rows.back().label = mark + " " + row.label;
    for (TraceSpan& span : both.rows.back().spans) {
      span.name += by;
    }
  };
  std::vector<bool> taken(second.rows.size(), false);
  for (const TraceRow& row : first.rows) {
    add(row, first_mark, 0);
    for (std::size_t r = 0; r < second.rows.size(); ++r) {
      if (!taken[r] && second.rows[r].label == row.label) {
        taken[r] = true;
        add(second.rows[r], second_mark, shift);
        break;
      }
    }
  }
  for (std::size_t r = 0; r < second.rows.size(); ++r) {
    if (!taken[r]) {
      add(second.rows[r], second_mark, shift);
    }
  }
  both.summarise();
  return both;
}

Trace read_trace(const QString& file_name) {
  QFile file(file_name);
  if (!file.open(QIODevice::ReadOnly)) {
    throw topology::InputError({file_name.toStdString()}, {}, "the trace cannot be opened");
  }
  const QByteArray bytes = file.readAll();
  Trace trace;
  std::map<std::pair<int, int>, TraceRow> rows;  // by stage and stream
  QHash<QString, std::int32_t> numbers;
  try {
    const auto json = nlohmann::json::parse(bytes.begin(), bytes.end());
    for (const auto& event : json.at("traceEvents")) {
      if (event.at("ph") != "X") {
        continue;
      }
      const std::string name = event.at("name");
      const QString text = QString::fromStdString(name);
      const auto known = numbers.find(text);
      const std::int32_t number =
          known == numbers.end() ? static_cast<std::int32_t>(trace.names.size()) : *known;
      if (known == numbers.end()) {
        numbers.insert(text, number);
        trace.names.push_back(text);
      }
      constexpr double kNanoseconds = 1000.0;  // in a microsecond, the unit of the format
      const double begin = event.at("ts").get<double>() * kNanoseconds;
      const double end = begin + event.at("dur").get<double>() * kNanoseconds;
      rows[{event.at("pid").get<int>(), event.at("tid").get<int>()}].spans.push_back(
          {static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end), work_of(name),
           number});
    }
  } catch (const nlohmann::json::exception&) {
    throw topology::InputError({file_name.toStdString()}, {},
                               "this is not a trace in Trace Event Format");
  }
  for (auto& [place, row] : rows) {
    row.label = (place.second == 0 ? QCoreApplication::translate("timeline", "Stage %1 compute")
                                   : QCoreApplication::translate("timeline", "Stage %1 network"))
                    .arg(place.first);
    trace.rows.push_back(std::move(row));
  }
  trace.summarise();
  return trace;
}

}  // namespace gui
