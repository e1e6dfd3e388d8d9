#!/usr/bin/env bash
# What assistive technology sees: the tree is read and a slider set through AT-SPI.
# atspi_session.sh GUI GPUPLAN SCENARIO. Exit code 77 (skipped) where its tools are missing.
set -Eeuo pipefail
here=$(dirname "$(readlink -f "$0")")
skip() { echo "atspi_session: skipped, $1"; exit 77; }
for tool in Xvfb dbus-run-session; do
  command -v "$tool" >/dev/null || skip "$tool is not installed"
done
[ -x /usr/libexec/at-spi-bus-launcher ] || skip "at-spi2-core is not installed"
/usr/bin/python3 -c 'import pyatspi' 2>/dev/null || skip "python3-pyatspi is not installed"
work=$(mktemp -d)
trap 'kill "${x_pid:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
exec 3>"$work/display"
Xvfb -displayfd 3 -screen 0 1280x800x24 >"$work/xvfb.log" 2>&1 &
x_pid=$!
for _ in $(seq 100); do [ -s "$work/display" ] && break; sleep 0.1; done
export DISPLAY=":$(cat "$work/display")" QT_LINUX_ACCESSIBILITY_ALWAYS_ON=1 QT_QPA_PLATFORM=xcb
export GPUPLAN_COMMAND=$2 GPUPLAN_GUI_STATE=$work/state LC_ALL=C.UTF-8 XDG_RUNTIME_DIR=$work
dbus-run-session -- bash -c '
  /usr/libexec/at-spi-bus-launcher --launch-immediately >/dev/null 2>&1 &
  sleep 1
  "$1" "$2" >"$4/gui.log" 2>&1 &
  gui_pid=$!
  code=0
  timeout 90 /usr/bin/python3 "$3/atspi_session.py" || code=$?
  [ "$code" -eq 0 ] || cat "$4/gui.log" >&2
  kill "$gui_pid" 2>/dev/null || true
  exit "$code"
' _ "$1" "$3" "$here" "$work"
