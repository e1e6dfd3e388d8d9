#pragma once
// The spans of a step by row (stage and stream), with running sums: what a pixel covers at any zoom
// is the difference of two of them, and is shown as the fraction that it is.
#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <QString>

namespace gui {

/// What a span does; decides its colour.
enum class Work : std::uint8_t {
  Forward,
  Backward,
  Optimizer,
  Tensor,
  Context,
  Expert,
  Pipeline,
  Data,
  Other
};
inline constexpr std::size_t kWorks = 9;
QString key_of(Work work);  ///< of words.hpp: "tp_comm"

struct TraceSpan {
  std::int64_t begin = 0, end = 0;  ///< ns
  Work work = Work::Other;
  std::int32_t name = 0;  ///< in Trace::names
};

/// Time of each kind of work within a range.
using Totals = std::array<double, kWorks>;  ///< ns

class TraceRow {
 public:
  QString label;
  std::vector<TraceSpan> spans;  ///< by begin; spans of a row do not overlap

  /// To be called when all spans are there.
  void summarise(std::int64_t end);
  /// The kinds of work in this row.
  [[nodiscard]] const std::vector<Work>& works() const { return works_; }
  [[nodiscard]] Totals totals(std::int64_t from, std::int64_t to) const;
  /// Busy time of `count` adjacent ranges of `step` ns from `from` on: [count][works()], ns. Exact
  /// where `step` is below the summary's buckets, otherwise interpolated within a bucket. What one
  /// range loses to that its neighbour gains: the ranges add up to the whole.
  void sample(double from, double step, int count, std::vector<float>& busy) const;
  /// The first span that ends after `time`.
  [[nodiscard]] std::size_t first_after(std::int64_t time) const;

 private:
  void sample_spans(double from, double step, int count, std::vector<float>& busy) const;
  [[nodiscard]] std::size_t column(Work work) const;

  std::vector<Work> works_;
  std::int64_t width_ = 1;  ///< ns of a bucket
  std::size_t buckets_ = 0;
  std::vector<float>
      busy_until_;  ///< [buckets_ + 1][works_]: ns from the start to a bucket's begin
};

/// A span by its row and its place there.
struct SpanPlace {
  std::size_t row = 0, span = 0;
  friend bool operator==(const SpanPlace&, const SpanPlace&) = default;
};

struct Trace {
  std::vector<TraceRow> rows;
  std::vector<QString> names;
  std::int64_t end = 0;  ///< ns

  [[nodiscard]] std::size_t spans() const;
  [[nodiscard]] const TraceSpan& at(const SpanPlace& place) const {
    return rows[place.row].spans[place.span];
  }
  /// The next span, by begin, whose name or row holds `words`, that begins after `after`; from the
  /// start again where there is none.
  [[nodiscard]] std::optional<SpanPlace> find(const QString& words,
                                              const std::optional<SpanPlace>& after) const;
  /// What a span waited for: the spans that ended at the moment it began, in whatever row.
  [[nodiscard]] std::vector<SpanPlace> waited_for(const SpanPlace& place) const;
  /// The spans that began at the moment it ended.
  [[nodiscard]] std::vector<SpanPlace> waited_for_it(const SpanPlace& place) const;
  void summarise();
};

/// Two runs in one picture, rows of the same name under each other; `marks` tell them apart.
Trace side_by_side(const Trace& first, const Trace& second, const QString& first_mark,
                   const QString& second_mark);

/// Reads what `gpuplan simulate --trace` wrote.
/// @throws topology::InputError if it is not a trace.
Trace read_trace(const QString& file);

}  // namespace gui
