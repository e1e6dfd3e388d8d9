#pragma once
// A main window with a file in it, for tests that work on one.
#include <memory>
#include <optional>

#include <QString>
#include <QTemporaryDir>
#include <QTest>

#include "gui/main_window.hpp"

/// Base of a test: `class X : public QObject, protected OpenWindow`.
class OpenWindow {
 protected:
  static constexpr int kLong = 120000;  ///< ms

  bool settle() {
    return QTest::qWaitFor([this] { return window_->idle(); }, kLong);
  }
  void open(const QString& file, std::optional<gui::View> view = std::nullopt) {
    window_ = std::make_unique<gui::MainWindow>(
        gui::MainWindow::Options{state_.path(), GPUPLAN_COMMAND, false});
    window_->show();
    window_->open({file});
    if (view) {
      window_->show_view(*view);
    }
    QVERIFY(settle());
  }
  void close_window() {
    if (window_) {
      window_->close();
      window_.reset();
    }
  }
  QString text() { return window_->document().current()->text; }

  QTemporaryDir state_;
  std::unique_ptr<gui::MainWindow> window_;
};
