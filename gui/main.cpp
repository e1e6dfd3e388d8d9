// gpuplan-gui: reads the command line, opens the window, or draws one view into a file and leaves.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string_view>

#include <QApplication>
#include <QCommandLineParser>
#include <QElapsedTimer>
#include <QIcon>
#include <QLibraryInfo>
#include <QLocale>
#include <QSettings>
#include <QStandardPaths>
#include <QTimer>
#include <QTranslator>

#include "gui/command.hpp"
#include "gui/main_window.hpp"
#include "gui/theme.hpp"
#include "scenarios/version.hpp"

namespace {

constexpr int kBadInput = 2, kFailed = 3;
constexpr int kSettled = 3;  ///< quiet polls before a picture is taken

int say(const QString& sentence, int code) {
  std::fprintf(stderr, "gpuplan-gui: %s\n", qPrintable(sentence));
  return code;
}

struct Arguments {
  QStringList files;
  QString picture;  ///< --screenshot VIEW FILE: both words, then
  std::optional<gui::View> view;
  std::optional<gui::Theme> theme;
  QSize size{1280, 720};
  int wait_s = 120;
};

/// Saves the view once nothing runs any more.
int take_picture(gui::MainWindow& window, const Arguments& arguments) {
  window.show_view(*arguments.view);
  QElapsedTimer waited;
  waited.start();
  int quiet = 0;
  QTimer poll;
  QObject::connect(&poll, &QTimer::timeout, &window, [&] {
    quiet = window.idle() ? quiet + 1 : 0;
    if (quiet >= kSettled) {
      QCoreApplication::exit(
          window.grab().save(arguments.picture)
              ? 0
              : say("the picture cannot be written to " + arguments.picture, kFailed));
    } else if (waited.elapsed() > arguments.wait_s * 1000) {
      QCoreApplication::exit(say("the simulation took too long for a picture", kFailed));
    }
  });
  constexpr int kPoll = 50;  // ms
  poll.start(kPoll);
  return QApplication::exec();
}

/// A picture needs no display: scripts draw on machines that have none.
void choose_platform(int argc, char** argv) {
  const bool draws = std::any_of(
      argv, argv + argc, [](const char* word) { return std::string_view(word) == "--screenshot"; });
  if (draws && qEnvironmentVariableIsEmpty("DISPLAY") &&
      qEnvironmentVariableIsEmpty("WAYLAND_DISPLAY") &&
      qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) {
    qputenv("QT_QPA_PLATFORM", "offscreen");
  }
}

}  // namespace

int main(int argc, char** argv) {
  choose_platform(argc, argv);
  QApplication application(argc, argv);
  QApplication::setApplicationName("gpuplan");
  QApplication::setApplicationVersion(QString::fromStdString(std::string(scenarios::version())));
  QApplication::setDesktopFileName("gpuplan");
  QApplication::setWindowIcon(QIcon::fromTheme("gpuplan"));

  QTranslator ours;
  QTranslator qts;  // buttons of dialogs
  if (ours.load(QLocale(), "gpuplan", "_", ":/i18n")) {
    QApplication::installTranslator(&ours);
    if (qts.load(QLocale(), "qtbase", "_", QLibraryInfo::path(QLibraryInfo::TranslationsPath))) {
      QApplication::installTranslator(&qts);
    }
  }

  QCommandLineParser parser;
  parser.setApplicationDescription(
      QApplication::translate("main", "The desktop of gpuplan: plan AI training clusters."));
  parser.addHelpOption();
  parser.addVersionOption();
  parser.addOption(
      {"screenshot",
       QApplication::translate(
           "main",
           "Draw results, run, topology, timeline, explore, compare, "
           "calibrate, sources or roofline into FILE.png (the argument after it) and leave."),
       "VIEW"});
  parser.addOption({"theme", QApplication::translate("main", "light or dark."), "THEME"});
  parser.addOption({"size", QApplication::translate("main", "Of the window."), "WIDTHxHEIGHT"});
  parser.addPositionalArgument("FILE...",
                               QApplication::translate("main",
                                                       "Scenarios (YAML), and what can be dropped "
                                                       "on the window."),
                               "[FILE...]");
  parser.process(application);

  Arguments arguments;
  arguments.files = parser.positionalArguments();
  if (parser.isSet("screenshot")) {
    arguments.view = gui::view_from_name(parser.value("screenshot"));
    if (!arguments.view) {
      return say(
          "--screenshot takes results, run, topology, timeline, explore, compare, calibrate, "
          "sources or roofline, then a file",
          kBadInput);
    }
    // The picture's name is the word after VIEW, which the parser takes for a file to open.
    const QStringList words = QApplication::arguments();
    const auto option = words.indexOf("--screenshot");
    arguments.picture = option >= 0 ? words.value(option + 2) : QString();
    if (!arguments.files.removeOne(arguments.picture)) {
      return say("--screenshot VIEW FILE.png needs a file to draw into", kBadInput);
    }
  }
  const QStringList size = parser.value("size").split('x');
  if (size.size() == 2 && size[0].toInt() > 0 && size[1].toInt() > 0) {
    arguments.size = {size[0].toInt(), size[1].toInt()};
  }

  gui::MainWindow::Options options;
  options.state_folder = qEnvironmentVariable(
      "GPUPLAN_GUI_STATE", QStandardPaths::writableLocation(QStandardPaths::AppDataLocation));
  options.program = gui::Command::find_program();
  options.asks = !arguments.view;
  const QString stored = QSettings(options.state_folder + "/settings.ini", QSettings::IniFormat)
                             .value("theme")
                             .toString();
  const QString theme = parser.isSet("theme") ? parser.value("theme") : stored;
  gui::apply_theme(theme == "dark"    ? gui::Theme::Dark
                   : theme == "light" ? gui::Theme::Light
                                      : gui::system_theme());
  try {
    gui::MainWindow window(options);
    if (arguments.view || parser.isSet("size")) {
      window.resize(arguments.size);
    }
    window.show();
    window.take_files(arguments.files);
    return arguments.view ? take_picture(window, arguments) : QApplication::exec();
  } catch (const std::exception& e) {
    return say(QString::fromUtf8(e.what()), kBadInput);
  }
}
