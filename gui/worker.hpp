#pragma once
// One simulation in a process of its own, the gpuplan command: it can be cancelled, and when it
// crashes or hangs the window lives on.
#include <memory>

#include <QElapsedTimer>
#include <QObject>
#include <QProcess>
#include <QString>
#include <QTimer>

#include "gui/result.hpp"

class QTemporaryDir;

namespace gui {

enum class Fidelity { ClosedForm, Flow };

struct Job {
  QString path;  ///< the file the text belongs to
  QString text;
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
  struct Limits {
    int seconds = 3600;    ///< a run that takes longer is taken for hanging
    int kill_after = 500;  ///< ms between asking a process to end and killing it
  };

  explicit Worker(const QString& program, QObject* parent = nullptr);
  Worker(const QString& program, Limits limits, QObject* parent = nullptr);
  ~Worker() override;

  /// The gpuplan command: $GPUPLAN_COMMAND, beside this program, in its build tree, or on the PATH.
  static QString find_program();

  /// @pre !running()
  void start(const Job& job);
  void cancel();
  [[nodiscard]] bool running() const { return process_ != nullptr; }

 signals:
  /// `share` is negative where it is not known.
  void progress(double share, const QString& line);
  void finished(const gui::Outcome& outcome);

 private:
  void read_progress();
  void ended(int code, QProcess::ExitStatus status);
  void failed(QProcess::ProcessError error);
  void finish(const Outcome& outcome);
  Outcome outcome(int code, QProcess::ExitStatus status);

  QString program_;
  Limits limits_;
  std::unique_ptr<QProcess, void (*)(QProcess*)> process_;
  std::shared_ptr<QTemporaryDir> files_;
  QString errors_;
  QTimer deadline_;
  bool cancelled_ = false, late_ = false;
};

}  // namespace gui
