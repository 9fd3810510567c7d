#!/usr/bin/env bash
# Starts the app. Where there is no display: starts it in a virtual desktop, leaves a picture and prints the figures.
set -euo pipefail
cd "$(dirname "$0")/.."
built=${CARGO_TARGET_DIR:-target}/debug

if [ "$(uname)" != Linux ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  exec "$built/spendmeter"
fi

echo "There is no display here, so the app runs in a virtual desktop and a picture of it stays."
scripts/setup.sh desktop
"$built/desktop" --once "$built/spendmeter"
"$built/spend" today
