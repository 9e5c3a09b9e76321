#!/usr/bin/env bash
# with_display.sh COMMAND...: runs COMMAND in a virtual display of its own (2560x1600, 24 bit), with a
# home of its own so that no test reads or writes the user's settings. Exits 77 (skipped) where
# there is no Xvfb; otherwise with the command's status.
set -euo pipefail

for tool in Xvfb xdotool; do
  if ! command -v "$tool" >/dev/null; then
    echo "skipped: $tool is not installed (packages xvfb, xdotool)"
    exit 77
  fi
done

scratch=$(mktemp -d)
xvfb_pid=""
cleanup() {
  if [ -n "$xvfb_pid" ]; then
    kill "$xvfb_pid" 2>/dev/null || true
    wait "$xvfb_pid" 2>/dev/null || true
  fi
  rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 143' TERM INT

# Xvfb picks a free display number and writes it to the descriptor when it is ready.
mkfifo "$scratch/number"
Xvfb -displayfd 3 -screen 0 2560x1600x24 -nolisten tcp -noreset \
  3>"$scratch/number" >"$scratch/xvfb.log" 2>&1 &
xvfb_pid=$!
if ! read -r -t 30 number <"$scratch/number"; then
  echo "Xvfb did not start:" >&2
  cat "$scratch/xvfb.log" >&2
  exit 1
fi

mkdir -p "$scratch/home/.config" "$scratch/home/.cache" "$scratch/home/.local/share"
export DISPLAY=":$number"
unset WAYLAND_DISPLAY XAUTHORITY
export HOME="$scratch/home"
export XDG_CONFIG_HOME="$HOME/.config" XDG_CACHE_HOME="$HOME/.cache"
export XDG_DATA_HOME="$HOME/.local/share" XDG_STATE_HOME="$HOME/.local/state"
export LIBGL_ALWAYS_SOFTWARE=1
"$@"
