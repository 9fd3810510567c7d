#!/usr/bin/env bash
# Installs what a fresh Debian 12 with Rust and Node still lacks. Silent and quick when nothing is missing.
#
#   scripts/setup.sh GROUP…
#
#   build    compile and start the app             desktop  a desktop session where there is no screen
#   test     run the tests (includes the above)    check    formatters, linters, licences
#   icons    draw the icon set                     agents   the real agents, pinned (2 GB)
#   bench    measure: build, desktop and the rivals
set -euo pipefail
cd "$(dirname "$0")/.."

# The C toolchain and the libraries of a Tauri app with a tray.
build=(build-essential pkg-config libwebkit2gtk-4.1-dev libayatana-appindicator3-dev librsvg2-dev libxdo-dev)
# Screen, bus, window manager, keyring, tray and notifications, and what looks at them.
desktop=(xvfb xauth dbus-x11 openbox gnome-keyring libsecret-tools xfce4-panel xfce4-notifyd xfconf xdotool wmctrl imagemagick
  fonts-dejavu-core)
# What drives a real window and a real browser.
drivers=(webkit2gtk-driver chromium)
icons=(librsvg2-bin icoutils icnsutils)

# What runs the tests, and how it is built: it need not update itself.
runner="cargo-nextest@0.9.143 --no-default-features --features default-no-update"

packages=() tools=() node_folders=()
for group in "$@"; do
  case $group in
    build) packages+=("${build[@]}") node_folders+=(ui) ;;
    desktop) packages+=("${desktop[@]}") ;;
    test) packages+=("${build[@]}" "${desktop[@]}" "${drivers[@]}") tools+=(tauri-driver@2.1.0 "$runner") node_folders+=(ui tests/prism) ;;
    check) packages+=("${build[@]}" shellcheck) tools+=(cargo-deny@0.20.2 cargo-machete@0.9.2) node_folders+=(ui) ;;
    icons) packages+=("${icons[@]}") ;;
    bench) packages+=("${build[@]}" "${desktop[@]}") node_folders+=(ui tests/bench) ;;
    agents) packages+=(build-essential) tools+=("$runner") node_folders+=(tests/agents) ;;
    *) echo "setup: there is no group \`$group\`; there are: build desktop test check icons agents bench" >&2 && exit 2 ;;
  esac
done

need() {
  command -v "$1" >/dev/null || { echo "setup: \`$1\` is missing. $2" >&2 && exit 1; }
}

install_packages() {
  [ "$(uname)" = Linux ] || return 0 # macOS and Windows bring a webview, a tray and a keychain
  if ! command -v dpkg-query >/dev/null; then
    pkg-config --exists webkit2gtk-4.1 ayatana-appindicator3-0.1 2>/dev/null && return 0
    echo "setup: this is no Debian; install what your system calls these: $*" >&2 && exit 1
  fi
  local installed missing=() package
  # dpkg-query fails when it does not know one of them; what it knows it prints all the same.
  installed=$(dpkg-query --show --showformat '${db:Status-Abbrev}${binary:Package}\n' "$@" 2>/dev/null || true)
  for package in $(printf '%s\n' "$@" | sort -u); do
    grep -Eq "^ii $package(:|\$)" <<<"$installed" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "setup: Debian packages are missing. Install them, then try again:" >&2
    echo "  sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  echo "setup: installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq </dev/null
  apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
}

# A tool that cargo installed must have this very version; one that somebody put there otherwise is taken as it is.
install_tool() {
  local name=${1%@*} version=${1#*@} installed
  installed=$(cargo install --list | grep "^$name v" || true)
  [ "$installed" = "$name v$version:" ] && return 0
  [ -z "$installed" ] && command -v "$name" >/dev/null && return 0
  echo "setup: installing $name $version (once; takes minutes)"
  # Compiling them is most of the waiting on a new machine, and none of them has much to compute: unoptimised, and what they
  # share only once. What that leaves in target/ makes the next one quicker.
  CARGO_TARGET_DIR=target/tools CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 cargo install --locked --quiet "$@"
}

if [ ${#packages[@]} -gt 0 ]; then install_packages "${packages[@]}"; fi

need cargo "Install Rust with rustup; rust-toolchain.toml names the version."
for tool in "${tools[@]}"; do
  read -ra words <<<"$tool"
  install_tool "${words[@]}"
done

for folder in "${node_folders[@]}"; do
  need npm "Install Node 20.19 or newer."
  # `npm ci` wants the agents' binaries for all systems in the lock; this takes its versions, and this system's binaries.
  if [ "$folder" = ui ]; then how=(ci); else how=(install --no-save); fi
  if [ "$folder/package-lock.json" -nt "$folder/node_modules/.package-lock.json" ]; then
    npm --prefix "$folder" "${how[@]}" --no-audit --no-fund --loglevel=error </dev/null
  fi
done

# A rival's package does not say that its file is a program.
rival=tests/bench/node_modules/@ccusage/ccusage-linux-x64/bin/ccusage
if [ -f $rival ]; then chmod +x $rival; fi
