#!/usr/bin/env bash
# A download through a reader that stops now and then: what the process held at most. See README.md.
#
# Usage: download.sh [MEBIBYTES [STOP_EVERY_MEBIBYTES [PAUSE_MILLIS]]]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

find_jdk
build
# shellcheck disable=SC2086 # the flags are several words
"$jdk/bin/java" $java_flags -XX:+UseSerialGC -Xmx64m -cp "$class_path" dev.rondo.bench.http.Download "$@"
