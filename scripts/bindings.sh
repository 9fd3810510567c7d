#!/usr/bin/env bash
# Writes the TypeScript types of everything that crosses to the page, from the Rust types: ui/src/bindings.
#
#   scripts/bindings.sh           writes them
#   scripts/bindings.sh --check   fails when those on disk differ
set -euo pipefail
cd "$(dirname "$0")/.."

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

# Into an empty folder, so that a type that is gone in Rust goes in TypeScript too.
TS_RS_EXPORT_DIR=$fresh cargo test --quiet --workspace --lib export_bindings >"$fresh.log" 2>&1 ||
  { cat "$fresh.log" >&2 && rm -f "$fresh.log" && exit 1; }
rm -f "$fresh.log"

if diff -r ui/src/bindings "$fresh" >/dev/null; then exit 0; fi
if [ "${1:-}" = --check ]; then
  diff -ru ui/src/bindings "$fresh" | head -40 >&2 || true
  echo "bindings: ui/src/bindings is not what the Rust types say; \`make bindings\` writes it anew" >&2
  exit 1
fi
rm -rf ui/src/bindings
cp -R "$fresh" ui/src/bindings
chmod 755 ui/src/bindings
