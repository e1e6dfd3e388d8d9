#include "gui/command.hpp"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>
#include <QStandardPaths>

namespace gui {

namespace {

constexpr qsizetype kMostErrors = 64 * 1024;  ///< characters kept of what the process complains

/// Its signals may still be on their way; nobody listens to them any more.
void forget(QProcess* process) {
  process->disconnect();
  if (process->state() != QProcess::NotRunning) {
    process->kill();
    process->waitForFinished(1000);
  }
  process->deleteLater();
}

/// "gpuplan: job.yaml:3:4: what is wrong" without the program's name.
QString last_sentence(const QString& errors) {
  const QStringList lines = errors.split('\n', Qt::SkipEmptyParts);
  for (auto it = lines.rbegin(); it != lines.rend(); ++it) {
    for (const char* name : {"gpuplan: ", "gpuplan-runner: "}) {
      if (it->startsWith(QLatin1String(name))) {
        return it->mid(static_cast<qsizetype>(qstrlen(name)));
      }
    }
  }
  return lines.isEmpty() ? QString() : lines.last();
}

}  // namespace

Command::Command(const QString& program, QObject* parent) : Command(program, Limits(), parent) {}

Command::Command(const QString& program, Limits limits, QObject* parent)
    : QObject(parent), program_(program), limits_(limits), process_(nullptr, &forget) {
  deadline_.setSingleShot(true);
  connect(&deadline_, &QTimer::timeout, this, [this] {
    late_ = true;
    process_->kill();
  });
}

Command::~Command() = default;

QString Command::find_program(const QString& name) {
  const bool runner = name == "gpuplan-runner";
  const QString here = QCoreApplication::applicationDirPath();
  const QString room = runner ? "real_runner/" : "scenarios/";
  for (const QString& place :
       {qEnvironmentVariable(runner ? "GPUPLAN_RUNNER" : "GPUPLAN_COMMAND"), here + "/" + name,
        here + "/../" + room + name, here + "/../../" + room + name}) {
    if (!place.isEmpty() && QFileInfo(place).isFile() && QFileInfo(place).isExecutable()) {
      return QDir::cleanPath(place);
    }
  }
  const QString found = QStandardPaths::findExecutable(name);
  return found.isEmpty() ? name : found;
}

void Command::start(const QStringList& arguments, const QByteArray& input) {
  errors_.clear();
  cancelled_ = late_ = false;
  process_.reset(new QProcess);
  auto environment = QProcessEnvironment::systemEnvironment();
  environment.insert("GPUPLAN_PROGRESS", "often");  // a bar wants more than a log
  process_->setProcessEnvironment(environment);
  connect(process_.get(), &QProcess::readyReadStandardError, this, &Command::read_progress);
  connect(process_.get(), &QProcess::finished, this,
          [this](int code, QProcess::ExitStatus status) { finish(answer(code, status)); });
  connect(process_.get(), &QProcess::errorOccurred, this, &Command::failed);
  deadline_.start(limits_.seconds * 1000);
  process_->start(program_, arguments);
  if (process_) {  // else it could not even be started
    process_->write(input);
    process_->closeWriteChannel();
  }
}

void Command::cancel() {
  if (!running() || cancelled_) {
    return;
  }
  cancelled_ = true;
  process_->terminate();
  QTimer::singleShot(limits_.kill_after, process_.get(), &QProcess::kill);
}

void Command::read_progress() {
  errors_ = (errors_ + QString::fromUtf8(process_->readAllStandardError())).right(kMostErrors);
  static const QRegularExpression share(R"((\d+) %, about)");
  const QString line = last_sentence(errors_).trimmed();
  const auto match = share.match(line);
  emit progress(match.hasMatch() ? match.captured(1).toDouble() / 100.0 : -1.0, line);
}

void Command::failed(QProcess::ProcessError error) {
  if (error == QProcess::FailedToStart) {
    Answer answer;
    answer.complaint = tr("The command %1 cannot be started: %2. Set %3 to where it is.")
                           .arg(program_, process_->errorString(),
                                program_.contains("runner") ? "GPUPLAN_RUNNER" : "GPUPLAN_COMMAND");
    finish(answer);
  }
}

Answer Command::answer(int code, QProcess::ExitStatus status) {
  errors_ += QString::fromUtf8(process_->readAllStandardError());
  Answer answer{code, process_->readAllStandardOutput(), {}, cancelled_};
  if (cancelled_) {
    return answer;
  }
  if (late_) {
    answer.complaint =
        tr("The simulation took longer than %1 s and was stopped; try a smaller cluster.")
            .arg(limits_.seconds);
  } else if (status == QProcess::CrashExit) {
    answer.complaint =
        tr("The simulation ended unexpectedly; your scenario is unharmed. Run it again, and "
           "report it with the scenario if it happens again.");
  } else if (code > 1 || (code == 1 && answer.output.trimmed().isEmpty())) {
    // 1 with an answer: it does not fit. 1 without one: it does not finish, and says why.
    const QString sentence = last_sentence(errors_);
    answer.complaint =
        sentence.isEmpty()
            ? tr("The simulation ended with code %1 and said nothing; run gpuplan doctor.")
                  .arg(code)
            : sentence;
  }
  return answer;
}

void Command::finish(const Answer& answer) {
  deadline_.stop();
  process_.reset();
  emit finished(answer);
}

}  // namespace gui
