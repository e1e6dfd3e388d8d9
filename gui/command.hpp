#pragma once
// A command in a process of its own: it can be cancelled, and when it crashes or hangs the window
// lives on.
#include <memory>

#include <QByteArray>
#include <QObject>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTimer>

namespace gui {

/// How a command ended. Where `complaint` is a sentence and where it was cancelled, `output` is not
/// to be relied on.
struct Answer {
  int code = 0;  ///< 1: it ran, and the answer is no
  QByteArray output;
  QString complaint;
  bool cancelled = false;

  [[nodiscard]] bool good() const { return complaint.isEmpty() && !cancelled; }
};

class Command : public QObject {
  Q_OBJECT
 public:
  struct Limits {
    int seconds = 3600;    ///< a run that takes longer is taken for hanging
    int kill_after = 500;  ///< ms between asking a process to end and killing it
  };

  explicit Command(const QString& program, QObject* parent = nullptr);
  Command(const QString& program, Limits limits, QObject* parent = nullptr);
  ~Command() override;

  /// The gpuplan command: $GPUPLAN_COMMAND, beside this program, in its build tree, or on the PATH.
  /// gpuplan-runner likewise, by $GPUPLAN_RUNNER.
  static QString find_program(const QString& name = "gpuplan");

  /// @pre !running()
  void start(const QStringList& arguments, const QByteArray& input = {});
  void cancel();
  [[nodiscard]] bool running() const { return process_ != nullptr; }
  [[nodiscard]] const Limits& limits() const { return limits_; }

 signals:
  /// A line that the command wrote about itself; `share` is negative where it is not known.
  void progress(double share, const QString& line);
  void finished(const gui::Answer& answer);

 private:
  void read_progress();
  void failed(QProcess::ProcessError error);
  void finish(const Answer& answer);
  [[nodiscard]] Answer answer(int code, QProcess::ExitStatus status);

  QString program_;
  Limits limits_;
  std::unique_ptr<QProcess, void (*)(QProcess*)> process_;
  QString errors_;
  QTimer deadline_;
  bool cancelled_ = false, late_ = false;
};

}  // namespace gui
