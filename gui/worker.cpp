#include "gui/worker.hpp"

#include <exception>

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>

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
    if (it->startsWith("gpuplan: ")) {
      return it->mid(9);
    }
  }
  return lines.isEmpty() ? QString() : lines.last();
}

}  // namespace

Worker::Worker(const QString& program, QObject* parent) : Worker(program, Limits(), parent) {}

Worker::Worker(const QString& program, Limits limits, QObject* parent)
    : QObject(parent), program_(program), limits_(limits), process_(nullptr, &forget) {
  deadline_.setSingleShot(true);
  connect(&deadline_, &QTimer::timeout, this, [this] {
    late_ = true;
    process_->kill();
  });
}

Worker::~Worker() = default;

QString Worker::find_program() {
  const QString here = QCoreApplication::applicationDirPath();
  for (const QString& place : {qEnvironmentVariable("GPUPLAN_COMMAND"), here + "/gpuplan",
                               here + "/../scenarios/gpuplan", here + "/../../scenarios/gpuplan"}) {
    if (!place.isEmpty() && QFileInfo(place).isFile() && QFileInfo(place).isExecutable()) {
      return QDir::cleanPath(place);
    }
  }
  const QString found = QStandardPaths::findExecutable("gpuplan");
  return found.isEmpty() ? "gpuplan" : found;
}

void Worker::start(const Job& job) {
  errors_.clear();
  cancelled_ = late_ = false;
  files_.reset();
  QStringList arguments{"simulate", job.path, "--stdin", "--json"};
  if (job.fidelity == Fidelity::Flow) {
    files_ = std::make_shared<QTemporaryDir>();
    arguments << "--fidelity"
              << "flow";
    if (files_->isValid()) {
      arguments << "--trace" << files_->filePath("trace.json")  //
                << "--link-loads" << files_->filePath("loads.csv");
    }
  }
  process_.reset(new QProcess);
  connect(process_.get(), &QProcess::readyReadStandardError, this, &Worker::read_progress);
  connect(process_.get(), &QProcess::finished, this, &Worker::ended);
  connect(process_.get(), &QProcess::errorOccurred, this, &Worker::failed);
  process_->start(program_, arguments);
  process_->write(job.text.toUtf8());
  process_->closeWriteChannel();
  deadline_.start(limits_.seconds * 1000);
}

void Worker::cancel() {
  if (!running() || cancelled_) {
    return;
  }
  cancelled_ = true;
  process_->terminate();
  QTimer::singleShot(limits_.kill_after, process_.get(), &QProcess::kill);
}

void Worker::read_progress() {
  errors_ = (errors_ + QString::fromUtf8(process_->readAllStandardError())).right(kMostErrors);
  static const QRegularExpression share(R"((\d+) %, about)");
  const QString line = last_sentence(errors_).trimmed();
  const auto match = share.match(line);
  emit progress(match.hasMatch() ? match.captured(1).toDouble() / 100.0 : -1.0, line);
}

void Worker::failed(QProcess::ProcessError error) {
  if (error == QProcess::FailedToStart) {
    finish({nullptr,
            tr("The command %1 cannot be started: %2. Set GPUPLAN_COMMAND to where gpuplan is.")
                .arg(program_, process_->errorString()),
            false});
  }
}

void Worker::ended(int code, QProcess::ExitStatus status) {
  errors_ += QString::fromUtf8(process_->readAllStandardError());
  finish(outcome(code, status));
}

Outcome Worker::outcome(int code, QProcess::ExitStatus status) {
  if (cancelled_) {
    return {nullptr, {}, true};
  }
  if (late_) {
    return {nullptr,
            tr("The simulation took longer than %1 s and was stopped; try a smaller cluster.")
                .arg(limits_.seconds),
            false};
  }
  if (status == QProcess::CrashExit) {
    return {nullptr,
            tr("The simulation ended unexpectedly; your scenario is unharmed. Run it again, and "
               "report it with the scenario if it happens again."),
            false};
  }
  const QByteArray answer = process_->readAllStandardOutput();
  // 1 with an answer: it does not fit. 1 without one: it does not finish, and says why.
  if (code > 1 || answer.trimmed().isEmpty()) {
    const QString sentence = last_sentence(errors_);
    return {nullptr,
            sentence.isEmpty()
                ? tr("The simulation ended with code %1 and said nothing; run gpuplan doctor.")
                      .arg(code)
                : sentence,
            false};
  }
  try {
    auto result = std::make_shared<Result>(read_result(answer));
    if (files_ && files_->isValid()) {
      result->files = files_;
      result->trace_file = files_->filePath("trace.json");
      result->loads_file = files_->filePath("loads.csv");
    }
    return {std::move(result), {}, false};
  } catch (const std::exception& e) {
    return {nullptr, QString::fromUtf8(e.what()), false};
  }
}

void Worker::finish(const Outcome& outcome) {
  deadline_.stop();
  process_.reset();
  files_.reset();
  emit finished(outcome);
}

}  // namespace gui
