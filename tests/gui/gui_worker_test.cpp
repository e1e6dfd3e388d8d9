// Simulations in processes that answer, complain, crash, hang and are cancelled.
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "gui/document.hpp"
#include "gui/simulations.hpp"
#include "gui/worker.hpp"

using gui::Document;
using gui::Fidelity;
using gui::Job;
using gui::Outcome;
using gui::Simulations;
using gui::Worker;

namespace {

constexpr int kLong = 60000;  // ms
const QString kExample = GPUPLAN_SOURCE_DIR "/scenarios/examples/llama3-8b-8xh100-fsdp.yaml";

QString contents(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

Outcome run(Worker& worker, const Job& job) {
  Outcome last;
  const auto connection =
      QObject::connect(&worker, &Worker::finished, [&](const Outcome& outcome) { last = outcome; });
  worker.start(job);
  if (!QTest::qWaitFor([&] { return !worker.running(); }, kLong)) {
    last.complaint = "the test waited too long";
  }
  QObject::disconnect(connection);
  return last;
}

}  // namespace

class GuiWorkerTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;

  /// A command that does what a test wants instead of simulating.
  QString script(const QString& name, const QString& text) {
    QFile file(folder_.filePath(name));
    [[maybe_unused]] const bool opened = file.open(QIODevice::WriteOnly);
    file.write(("#!/bin/sh\n" + text + "\n").toUtf8());
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return file.fileName();
  }

 private slots:
  void a_closed_form_answers() {
    Worker worker(GPUPLAN_COMMAND);
    const Outcome outcome = run(worker, {{kExample, contents(kExample)}, Fidelity::ClosedForm});
    QVERIFY2(outcome.result != nullptr, qPrintable(outcome.complaint));
    QCOMPARE(outcome.result->gpus, 8);
    QVERIFY(outcome.result->mfu > 0.1 && outcome.result->mfu < 0.9);
    double sum = 0;
    for (const auto& part : outcome.result->breakdown) {
      sum += part.value;
    }
    QVERIFY(std::abs(sum / outcome.result->step_s - 1) < 1e-9);  // the parts add up to the step
  }

  void a_flow_simulation_leaves_a_trace_and_loads() {
    Worker worker(GPUPLAN_COMMAND);
    const Outcome outcome = run(worker, {{kExample, contents(kExample)}, Fidelity::Flow});
    QVERIFY2(outcome.result != nullptr, qPrintable(outcome.complaint));
    QVERIFY(outcome.result->flow);
    QVERIFY(contents(outcome.result->trace_file).contains("traceEvents"));
    QVERIFY(contents(outcome.result->loads_file).startsWith("link,"));
  }

  void an_unsaved_text_counts_not_the_file() {
    Worker worker(GPUPLAN_COMMAND);
    const QString text = contents(kExample).replace("name: Llama", "name: Unsaved Llama");
    const Outcome outcome = run(worker, {{kExample, text}, Fidelity::ClosedForm});
    QVERIFY(outcome.result != nullptr);
    QVERIFY(outcome.result->scenario.startsWith("Unsaved Llama"));
  }

  void a_mistake_comes_back_as_the_sentence_of_the_command_line() {
    Worker worker(GPUPLAN_COMMAND);
    const Outcome outcome = run(worker, {{kExample, "nme: x\n"}, Fidelity::ClosedForm});
    QVERIFY(outcome.result == nullptr);
    QVERIFY2(outcome.complaint.startsWith(kExample + ":1:1: "), qPrintable(outcome.complaint));
  }

  void what_does_not_fit_is_a_result() {
    Worker worker(GPUPLAN_COMMAND);
    const QString text = contents(kExample).replace("sharding: zero3", "sharding: ddp");
    const Outcome outcome = run(worker, {{kExample, text}, Fidelity::ClosedForm});
    QVERIFY2(outcome.result != nullptr, qPrintable(outcome.complaint));
    QVERIFY(!outcome.result->fits);
  }

  void a_crash_is_a_sentence() {
    Worker worker(script("crash", "kill -SEGV $$"));
    const Outcome outcome = run(worker, {{kExample, "x"}, Fidelity::Flow});
    QVERIFY(outcome.complaint.contains("ended unexpectedly"));
  }

  void a_hang_is_ended() {
    Worker worker(script("hang", "trap '' TERM; while :; do sleep 0.1; done"), {1, 100});
    const Outcome outcome = run(worker, {{kExample, "x"}, Fidelity::ClosedForm});
    QVERIFY2(outcome.complaint.contains("longer than 1 s"), qPrintable(outcome.complaint));
  }

  void cancel_ends_even_what_ignores_it() {
    Worker worker(script("deaf", "trap '' TERM; while :; do sleep 0.1; done"), {3600, 100});
    QSignalSpy ends(&worker, &Worker::finished);
    worker.start({{kExample, "x"}, Fidelity::ClosedForm});
    QTest::qWait(300);
    QVERIFY(worker.running());
    worker.cancel();
    QVERIFY(ends.wait(kLong));
    QVERIFY(!worker.running());
    QVERIFY(ends.first().first().value<Outcome>().cancelled);
  }

  void a_missing_command_says_what_to_do() {
    Worker worker("/nowhere/gpuplan");
    const Outcome outcome = run(worker, {{kExample, "x"}, Fidelity::ClosedForm});
    QVERIFY(outcome.complaint.contains("GPUPLAN_COMMAND"));
  }

  void nonsense_instead_of_json_is_a_sentence() {
    Worker worker(script("babble", "echo hello"));
    const Outcome outcome = run(worker, {{kExample, "x"}, Fidelity::ClosedForm});
    QVERIFY(outcome.complaint.contains("cannot be read"));
  }

  void progress_is_read_from_the_process() {
    Worker worker(script("slow", "echo 'flow simulation: 40 %, about 3 s left' >&2; sleep 0.3"));
    QSignalSpy progress(&worker, &Worker::progress);
    run(worker, {{kExample, "x"}, Fidelity::Flow});
    QCOMPARE(progress.first().first().toDouble(), 0.4);
  }

  void a_worker_may_be_destroyed_while_it_runs() {
    auto worker = std::make_unique<Worker>(script("sleep", "exec sleep 60"));
    worker->start({{kExample, "x"}, Fidelity::ClosedForm});
    QTest::qWait(100);
    worker.reset();
  }

  void results_are_kept_by_text() {
    Document document;
    Simulations simulations(document, GPUPLAN_COMMAND);
    const int id = document.open(kExample);
    simulations.request(id, Fidelity::ClosedForm);
    QVERIFY(QTest::qWaitFor([&] { return !simulations.busy(); }, kLong));
    const auto first = simulations.shown(id);
    QVERIFY(first.result && !first.stale);
    document.edit(id, QString(document.current()->text).replace("micro_batch: 1", "micro_batch: 2"),
                  "edit");
    QVERIFY(simulations.shown(id).stale);
    QCOMPARE(simulations.shown(id).result, first.result);
    document.undo_stack().undo();
    QVERIFY(!simulations.shown(id).stale);  // known again, at once
    simulations.request(id, Fidelity::ClosedForm);
    QVERIFY(!simulations.busy());
  }

  void a_newer_text_replaces_a_run() {
    Document document;
    Simulations simulations(document, GPUPLAN_COMMAND);
    const int id = document.open(kExample);
    simulations.request(id, Fidelity::ClosedForm);
    document.edit(id, QString(document.current()->text).replace("name: L", "name: New L"), "edit");
    simulations.request(id, Fidelity::ClosedForm);
    QVERIFY(QTest::qWaitFor([&] { return !simulations.busy(); }, kLong));
    QVERIFY(simulations.shown(id).result);
    QVERIFY(simulations.shown(id).result->scenario.startsWith("New L"));
    QVERIFY(!simulations.shown(id).stale);
  }

  void a_failure_is_remembered_until_it_works() {
    Document document;
    Simulations simulations(document, script("fails", "echo 'gpuplan: no luck' >&2; exit 3"));
    const int id = document.open(kExample);
    simulations.request(id, Fidelity::ClosedForm);
    QVERIFY(QTest::qWaitFor([&] { return !simulations.busy(); }, kLong));
    QCOMPARE(simulations.complaint(id), QString("no luck"));
    QVERIFY(!simulations.shown(id).result);
  }
};

QTEST_GUILESS_MAIN(GuiWorkerTest)
#include "gui_worker_test.moc"
