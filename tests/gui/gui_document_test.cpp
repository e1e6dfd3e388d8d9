// Documents, recovery and live validation, without a window.
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "gui/check.hpp"
#include "gui/document.hpp"
#include "gui/recovery.hpp"
#include "topology/error.hpp"

using gui::Document;
using gui::Recovery;
using gui::Variant;

namespace {

const QString kExample = GPUPLAN_SOURCE_DIR "/scenarios/examples/llama3-8b-8xh100-fsdp.yaml";

QString contents(const QString& path) {
  QFile file(path);
  return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QString copy_into(const QTemporaryDir& folder, const QString& name) {
  const QString path = folder.filePath(name);
  QFile::copy(kExample, path);
  QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner);
  return path;
}

}  // namespace

class GuiDocumentTest : public QObject {
  Q_OBJECT

 private slots:
  void a_file_opens_once() {
    Document document;
    const int id = document.open(kExample);
    QCOMPARE(document.open(kExample), id);
    QCOMPARE(document.variants().size(), 1U);
    QCOMPARE(document.current()->title(), QString("Llama 3.1 8B on 8 H100, FSDP"));
    QVERIFY(!document.modified());
  }

  void a_missing_file_is_refused_with_a_sentence() {
    Document document;
    try {
      document.open("/nowhere/job.yaml");
      QFAIL("opened what is not there");
    } catch (const topology::InputError& e) {
      QCOMPARE(QString(e.what()), QString("/nowhere/job.yaml: there is no such file"));
    }
  }

  void a_folder_and_a_picture_are_refused() {
    Document document;
    QTemporaryDir folder;
    QVERIFY_EXCEPTION_THROWN(document.open(folder.path()), topology::InputError);
    QFile file(folder.filePath("job.yaml"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("\xff\xd8\xff");
    file.close();
    QVERIFY_EXCEPTION_THROWN(document.open(file.fileName()), topology::InputError);
  }

  void an_edit_is_undone_and_done_again() {
    Document document;
    const int id = document.open(kExample);
    const QString before = document.current()->text;
    document.edit(id, "name: other\n", "edit");
    QVERIFY(document.modified());
    document.undo_stack().undo();
    QCOMPARE(document.current()->text, before);
    QVERIFY(!document.modified());
    document.undo_stack().redo();
    QCOMPARE(document.current()->text, QString("name: other\n"));
  }

  void typing_is_one_undo_step() {
    Document document;
    const int id = document.open(kExample);
    const QString before = document.current()->text;
    for (const char* text : {"n", "na", "nam", "name"}) {
      document.edit(id, text, "typing", Document::Merge::Typing);
    }
    QCOMPARE(document.undo_stack().count(), 1);
    document.undo_stack().undo();
    QCOMPARE(document.current()->text, before);
  }

  void undo_shows_the_scenario_it_changes() {
    Document document;
    const int first = document.open(kExample);
    document.edit(first, "name: changed\n", "edit");
    const int copy = document.duplicate(first);
    QCOMPARE(document.current()->id, copy);
    document.undo_stack().undo();
    QCOMPARE(document.variants().size(), 1U);
    document.undo_stack().undo();
    QCOMPARE(document.current()->id, first);
  }

  void a_variant_is_named_after_its_origin_and_has_no_file() {
    Document document;
    const int id = document.open(kExample);
    const Variant* copy = document.find(document.duplicate(id));
    QVERIFY(copy->untitled);
    QVERIFY(copy->modified());
    QCOMPARE(copy->title(), QString("Llama 3.1 8B on 8 H100, FSDP, variant 1"));
    QCOMPARE(document.baseline()->id, id);
  }

  void saving_keeps_comments() {
    QTemporaryDir folder;
    const QString path = copy_into(folder, "job.yaml");
    Document document;
    const int id = document.open(path);
    document.edit(id, document.current()->text + "# the end\n", "edit");
    document.save(id);
    QVERIFY(!document.modified());
    QVERIFY(contents(path).contains("# dp is 8 by default"));
    QVERIFY(contents(path).endsWith("# the end\n"));
  }

  void a_failed_save_loses_nothing() {
    Document document;
    const int id = document.open(kExample);
    document.edit(id, "name: precious\n", "edit");
    QVERIFY_EXCEPTION_THROWN(document.save_as(id, "/nowhere/at/all.yaml"),
                             topology::RuntimeFailure);
    QVERIFY(document.modified());
    QCOMPARE(document.current()->text, QString("name: precious\n"));
    QCOMPARE(document.current()->path, kExample);
  }

  void closing_forgets_the_undo_of_what_is_gone() {
    Document document;
    const int id = document.open(kExample);
    document.edit(id, "name: x\n", "edit");
    document.close(id);
    QVERIFY(document.variants().empty());
    QVERIFY(document.current() == nullptr);
    QVERIFY(!document.undo_stack().canUndo());
  }

  void unsaved_texts_survive_a_crash() {
    QTemporaryDir folder;
    {
      Document document;
      Recovery session(document, folder.path());
      const int id = document.open(kExample);
      document.edit(id, "name: unsaved\n", "edit");
      session.store();
    }  // ends without finish(): what a crash leaves
    Document document;
    Recovery next(document, folder.path());
    const auto left = next.recovered();
    QCOMPARE(left.size(), 1U);
    QCOMPARE(left.front().text, QString("name: unsaved\n"));
    QCOMPARE(left.front().path, kExample);
    QVERIFY(left.front().modified());
  }

  void a_living_session_is_left_alone() {
    QTemporaryDir folder;
    Document document;
    Recovery session(document, folder.path());
    document.edit(document.open(kExample), "name: unsaved\n", "edit");
    session.store();
    Document other;
    Recovery next(other, folder.path());
    QVERIFY(next.recovered().empty());
  }

  void a_session_that_ends_well_leaves_nothing() {
    QTemporaryDir folder;
    {
      Document document;
      Recovery session(document, folder.path());
      document.edit(document.open(kExample), "name: unsaved\n", "edit");
      session.store();
      session.finish();
    }
    Document document;
    QVERIFY(Recovery(document, folder.path()).recovered().empty());
  }

  void an_unwritable_folder_is_a_remark_not_an_end() {
    QTemporaryDir folder;
    QFile file(folder.filePath("file"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    Document document;
    const Recovery session(document, folder.filePath("file/below"));
    QVERIFY(session.problem().contains("cannot be"));
  }

  void examples_are_valid_and_explained() {
    const auto catalog = scenarios::Catalog::open();
    const auto checked = gui::check(contents(kExample), kExample, catalog);
    QVERIFY(checked.scenario);
    QVERIFY(!checked.complaint);
    const auto* dp = gui::explained(checked, "layout.dp");
    QVERIFY(dp != nullptr);
    QCOMPARE(QString::fromStdString(dp->value), QString("8"));
  }

  void a_mistake_names_key_line_and_remedy() {
    const auto catalog = scenarios::Catalog::open();
    QString text = contents(kExample);
    text.replace("global_batch: 16", "global_batch: many");
    const auto checked = gui::check(text, kExample, catalog);
    QVERIFY(checked.complaint);
    QCOMPARE(checked.complaint->key, QString("training.global_batch"));
    QCOMPARE(checked.complaint->line, 8);
    QVERIFY(checked.complaint->sentence.startsWith(kExample + ":8:"));
  }
};

QTEST_GUILESS_MAIN(GuiDocumentTest)
#include "gui_document_test.moc"
