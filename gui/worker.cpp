#include "gui/worker.hpp"

#include <exception>

#include <QTemporaryDir>

namespace gui {

Worker::Worker(const QString& program, QObject* parent)
    : Worker(program, Command::Limits(), parent) {}

Worker::Worker(const QString& program, Command::Limits limits, QObject* parent)
    : QObject(parent), command_(program, limits) {
  connect(&command_, &Command::progress, this, &Worker::progress);
  connect(&command_, &Command::finished, this, [this](const Answer& answer) {
    const Outcome ended = outcome(answer);
    files_.reset();
    emit finished(ended);
  });
}

void Worker::start(const Job& job) {
  files_.reset();
  QStringList arguments = job.of.command("simulate");
  if (job.fidelity == Fidelity::Flow) {
    files_ = std::make_shared<QTemporaryDir>();
    arguments << "--fidelity"
              << "flow";
    if (files_->isValid()) {
      arguments << "--trace" << files_->filePath("trace.json")  //
                << "--link-loads" << files_->filePath("loads.csv") << "--power-trace"
                << files_->filePath("power.csv");
    }
  }
  command_.start(arguments, job.of.text.toUtf8());
}

Outcome Worker::outcome(const Answer& answer) {
  if (!answer.good()) {
    return {nullptr, answer.complaint, answer.cancelled};
  }
  if (answer.output.trimmed().isEmpty()) {
    return {nullptr,
            tr("The simulation ended with code %1 and said nothing; run gpuplan doctor.")
                .arg(answer.code),
            false};
  }
  try {
    auto result = std::make_shared<Result>(read_result(answer.output));
    if (files_ && files_->isValid()) {
      result->files = files_;
      result->trace_file = files_->filePath("trace.json");
      result->loads_file = files_->filePath("loads.csv");
      result->power_file = files_->filePath("power.csv");
    }
    return {std::move(result), {}, false};
  } catch (const std::exception& e) {
    return {nullptr, QString::fromUtf8(e.what()), false};
  }
}

}  // namespace gui
