#!/usr/bin/env bash
# A session on a display: keys and mouse by xdotool, from the start to an exported
# table, picture and report.
# xvfb_session.sh GUI GPUPLAN SCENARIO. Exit code 77 (skipped) without Xvfb, xdotool and openbox.
set -Eeuo pipefail
gui=$1 gpuplan=$2 scenario=$3
for tool in Xvfb xdotool openbox; do
  command -v "$tool" >/dev/null || { echo "xvfb_session: skipped, $tool is not installed"; exit 77; }
done
work=$(mktemp -d)
cleanup() {
  kill "${gui_pid:-}" "${wm_pid:-}" "${x_pid:-}" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
trap 'echo "xvfb_session: failed at line $LINENO" >&2' ERR

exec 3>"$work/display"
Xvfb -displayfd 3 -screen 0 1280x800x24 >"$work/xvfb.log" 2>&1 &
x_pid=$!
for _ in $(seq 100); do [ -s "$work/display" ] && break; sleep 0.1; done
export DISPLAY=":$(cat "$work/display")"
openbox >"$work/openbox.log" 2>&1 &
wm_pid=$!
cp "$scenario" "$work/job.yaml"
export GPUPLAN_COMMAND=$gpuplan GPUPLAN_GUI_STATE=$work/state LC_ALL=C.UTF-8 QT_QPA_PLATFORM=xcb
"$gui" "$work/job.yaml" --size 1200x700 >"$work/gui.log" 2>&1 &
gui_pid=$!
window=
for _ in $(seq 120); do
  window=$(xdotool search --onlyvisible --pid "$gui_pid" 2>/dev/null | head -1 || true)
  [ -n "$window" ] && break
  sleep 0.5
done
[ -n "$window" ] || { echo "xvfb_session: no window appeared" >&2; cat "$work/gui.log" >&2; exit 1; }
xdotool windowactivate --sync "$window"
key() { xdotool key --clearmodifiers "$1"; sleep 0.5; }
type_text() { xdotool type --delay 15 "$1"; sleep 0.3; }
wait_for_file() {
  for _ in $(seq 600); do [ -s "$1" ] && return; sleep 0.1; done
  echo "xvfb_session: $1 was not written" >&2
  cat "$work/gui.log" >&2
  return 1
}

sleep 2
key F5                                  # simulate the network
for view in 1 2 3 4 5 6 7 8 1; do key "ctrl+$view"; done
key F1                                  # help, and away with it
key Escape
key ctrl+shift+e                        # the table of the results
type_text "$work/results.csv"
key Return
wait_for_file "$work/results.csv"
grep -q '^step_time,' "$work/results.csv"
key ctrl+e                              # the view as a picture
type_text "$work/results.png"
key Return
wait_for_file "$work/results.png"
key ctrl+d                              # a variant, taken back again
key ctrl+z
key ctrl+shift+r                        # the report of the file
type_text "$work/report.html"
key Return
wait_for_file "$work/report.html"
grep -q '<html' "$work/report.html"
kill -0 "$gui_pid"
key ctrl+q
for _ in $(seq 100); do kill -0 "$gui_pid" 2>/dev/null || break; sleep 0.1; done
if kill -0 "$gui_pid" 2>/dev/null; then
  echo "xvfb_session: the window did not close" >&2
  exit 1
fi
echo "xvfb_session: done"
