#!/usr/bin/env bash
# The engine with its verbs builds with nothing but a compiler and CMake, as on a server that has no
# more (FIELDSCOPE_BARE makes every package invisible), and computes what it should. Only the program:
# with its tests a build takes five minutes of one core instead of three.
set -euo pipefail
source=${FIELDSCOPE_SOURCE:?}
folder=$(mktemp -d "${TMPDIR:-/tmp}/fieldscope-bare-XXXXXX")
trap 'rm -rf "$folder"' EXIT

cmake -S "$source" -B "$folder" -DFIELDSCOPE_BARE=ON -DFIELDSCOPE_GUI=OFF -DFIELDSCOPE_TESTS=OFF \
  -DCMAKE_BUILD_TYPE=Release >"$folder/configure.txt"
for package in nlohmann-json3-dev libcli11-dev libstb-dev libtinyobjloader-dev libhwy-dev; do
  grep "package $package): using the stand-in" "$folder/configure.txt"
done
grep "FFmpeg not found .*: built without videos" "$folder/configure.txt"
cmake --build "$folder" --target fieldscope --parallel 2

program=$folder/fieldscope
"$program" info | sed -n 3,10p
"$program" info | grep "Videos .*this build has no FFmpeg"
"$program" verify --fixtures "$source/tests/fixtures/reference" --quiet
"$program" train --data "$source/tests/fixtures/images/photo.png" --hidden 16,16 --steps 20 \
  --optimizer soap --out "$folder/out" --quiet
ls "$folder/out"
"$program" render --model "$folder/out/model.safetensors" --size 20x10 --out "$folder/out" --quiet
if "$program" train --data "$source/tests/fixtures/images/rgb.jpg" --steps 1 2>"$folder/said.txt"; then
  echo "a JPEG was read" >&2
  exit 1
fi
grep "this build has no stb_image and reads PNG only" "$folder/said.txt"
