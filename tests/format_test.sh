#!/usr/bin/env bash
# Checks that every C++ source is formatted as .clang-format says; with --fix, formats it.
# Versions of clang-format disagree in details: 14 (Debian 12) decides, others skip the check.
set -euo pipefail
cd "$(dirname "$0")/.."

tool=$(command -v clang-format-14 || command -v clang-format || true)
if [ -z "$tool" ]; then
  echo "skipped: clang-format is not installed"
  exit 77
fi
if [[ "$("$tool" --version)" != *"version 14."* ]]; then
  echo "skipped: formatting is checked with clang-format 14, this is $("$tool" --version)"
  exit 77
fi

mapfile -t files < <(find engine app tools tests third_party -type f \
  \( -name '*.cpp' -o -name '*.h' -o -name '*.hpp' -o -name '*.cu' -o -name '*.cuh' \) | sort)
if [ ${#files[@]} -eq 0 ]; then
  echo "no sources found below $PWD" >&2
  exit 1
fi
if [ "${1:-}" = "--fix" ]; then
  "$tool" -i "${files[@]}"
else
  "$tool" --dry-run -Werror "${files[@]}"
fi
echo "${#files[@]} files"
