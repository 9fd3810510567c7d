#!/usr/bin/env bash
# Draws the app's icon set from the two masters: icons/spendmeter.svg and, for 32 pixels and less, spendmeter-small.svg.
set -euo pipefail
cd "$(dirname "$0")/../icons"

sizes=$(mktemp -d)
trap 'rm -rf "$sizes"' EXIT

for size in 16 24 32 48 64 128 256 512; do
  if [ $size -le 32 ]; then master=spendmeter-small.svg; else master=spendmeter.svg; fi
  rsvg-convert --width $size --height $size --output "$sizes/$size.png" $master
done

cp "$sizes/32.png" 32x32.png
cp "$sizes/128.png" 128x128.png
cp "$sizes/256.png" 128x128@2x.png
cp "$sizes/512.png" icon.png
# Windows takes the large picture as it is and wants the small ones as bitmaps.
icotool --create --output icon.ico --raw "$sizes/256.png" "$sizes"/{16,24,32,48,64}.png
png2icns icon.icns "$sizes"/{16,32,128,256,512}.png >/dev/null
