#pragma once
// One simulation by the gpuplan command: a scenario's text in, a Result or a sentence out.
#include <memory>

#include <QObject>
#include <QString>

#include "gui/command.hpp"
#include "gui/draft.hpp"
#include "gui/result.hpp"

class QTemporaryDir;

namespace gui {

enum class Fidelity { ClosedForm, Flow };

struct Job {
  Subject of;
  Fidelity fidelity = Fidelity::ClosedForm;
};

/// How a run ended. Exactly one of `result` and `complaint` is there, neither after a cancel.
struct Outcome {
  std::shared_ptr<const Result> result;
  QString complaint;  ///< a sentence for the user
  bool cancelled = false;
};

class Worker : public QObject {
  Q_OBJECT
 public:
  explicit Worker(const QString& program, QObject* parent = nullptr);
  Worker(const QString& program, Command::Limits limits, QObject* parent = nullptr);

  /// @pre !running()
  void start(const Job& job);
  void cancel() { command_.cancel(); }
  [[nodiscard]] bool running() const { return command_.running(); }

 signals:
  void progress(double share, const QString& line);
  void finished(const gui::Outcome& outcome);

 private:
  [[nodiscard]] Outcome outcome(const Answer& answer);

  Command command_;
  std::shared_ptr<QTemporaryDir> files_;
};

}  // namespace gui
