#pragma once
// Which scenario has been simulated, is being, or waits for it. Results are kept by the text they
// are of: undoing an edit brings its result back at once, and a result of another text is stale.
#include <deque>
#include <memory>
#include <optional>

#include <QByteArray>
#include <QHash>
#include <QObject>

#include "gui/document.hpp"
#include "gui/result.hpp"
#include "gui/worker.hpp"

namespace gui {

/// What is known of a scenario.
struct Shown {
  std::shared_ptr<const Result> result;  ///< null: nothing yet
  bool stale = false;                    ///< of an earlier text
};

class Simulations : public QObject {
  Q_OBJECT
 public:
  Simulations(const Document& document, const QString& program, QObject* parent = nullptr);

  /// Runs what is not known yet. A run of the same scenario with another text is given up.
  void request(int id, Fidelity fidelity);
  void cancel();
  /// From now on by this profile of gpuplan calibrate; empty: by the catalog's.
  void set_profile(const QString& profile);
  [[nodiscard]] const QString& profile() const { return profile_; }

  /// The best result: flow before closed form, of this text before an earlier one.
  [[nodiscard]] Shown shown(int id) const;
  /// The same among flow simulations only.
  [[nodiscard]] Shown shown_flow(int id) const;
  [[nodiscard]] QString complaint(int id) const { return complaints_.value(id); }
  [[nodiscard]] bool busy() const { return closed_form_.job || flow_.job; }
  [[nodiscard]] bool flow_busy() const { return flow_.job.has_value(); }

 signals:
  void changed(int id);
  void progress(double share, const QString& line);
  void busy_changed();

 private:
  struct Queued {
    int id = 0;
    Job job;
    QByteArray key;
  };
  /// A worker and what waits for it: one per fidelity, so that a long flow simulation does not hold
  /// up the closed form, which answers while one types.
  struct Lane {
    Worker* worker = nullptr;
    std::optional<Queued> job;
    std::deque<Queued> waiting;
  };

  void set_up(Lane& lane, const QString& program);
  void next(Lane& lane);
  void finished(Lane& lane, const Outcome& outcome);
  void remember(const Queued& of, std::shared_ptr<const Result> result);

  [[nodiscard]] QByteArray key_of(const Variant& variant, Fidelity fidelity) const;

  const Document& document_;
  QString profile_;
  Lane closed_form_, flow_;
  QHash<QByteArray, std::shared_ptr<const Result>> results_;
  std::deque<QByteArray> order_;  ///< of results_, oldest first
  QHash<int, QByteArray> last_, last_flow_;
  QHash<int, QString> complaints_;
};

}  // namespace gui
