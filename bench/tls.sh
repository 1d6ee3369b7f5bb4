#!/usr/bin/env bash
# What TLS costs over what its engines cost. See README.md.
#
# Usage: tls.sh [ROUNDS [ECHOES]]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

find_jdk
build
make_keys
# shellcheck disable=SC2086 # the flags are several words
"$jdk/bin/java" $java_flags -cp "$class_path" dev.rondo.bench.TlsEcho "$work/keys.p12" "${1:-9}" "${2:-20000}"
