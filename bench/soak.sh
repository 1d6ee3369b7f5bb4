#!/usr/bin/env bash
# Clients and servers that misbehave at random; at the end nothing may be left. See README.md.
#
# Usage: soak.sh [SECONDS [CLIENTS [SEED]]]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

find_jdk
build
make_keys
# shellcheck disable=SC2086 # the flags are several words
"$jdk/bin/java" $java_flags -cp "$class_path" dev.rondo.bench.Soak "${1:-300}" "${2:-50}" "$work/keys.p12" ${3:-}
