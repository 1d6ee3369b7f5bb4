#!/usr/bin/env bash
# How late a millisecond ticker is while the same loop reads a large file. See README.md.
#
# Usage: files.sh [MEBIBYTES [TIMES]]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

find_jdk
build
# shellcheck disable=SC2086 # the flags are several words
"$jdk/bin/java" $java_flags -cp "$class_path" dev.rondo.bench.FileTicker "${1:-1024}" "${2:-5}" "$work"
