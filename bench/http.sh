#!/usr/bin/env bash
# HTTP servers and clients beside one another: one core for what is measured, another for wrk or nginx. See README.md.
#
# Usage: http.sh [--rounds N] [--window SECONDS] [--count N] [--warmup SECONDS] [--verbose] [ROW...]
#        ROW: server (and its latency), client. Default: both
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ -n "$(command -v taskset)" ] && [ "$(nproc)" -ge 2 ] || fail "needs two cores, and taskset (util-linux)"
need nginx-light wrk nghttp2-client python3 python3-aiohttp python3.11-doc postgresql-doc-15
build

start_nginx taskset -c 1
mkdir "$work/www/small"
head -c 1024 /dev/zero | tr '\0' x >"$work/www/small/page.html"

cat <<INFO
date      $(date -u +%Y-%m-%d)
machine   $(nproc --all) × $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), Linux $(uname -r); load $(cut -d ' ' -f 1 /proc/loadavg)
JVM       $("$jdk/bin/java" --version | sed -n 2p), $java_flags
peers     $(cd "$bench/target/lib" && printf '%s ' netty-codec-http-[0-9]*.jar vertx-core-[0-9]*.jar helidon-webserver-[0-9]*.jar); $(nginx -v 2>&1); aiohttp $("$python" -c 'import aiohttp; print(aiohttp.__version__)')
INFO
"$python" "$bench/http_peers.py" --java "$jdk/bin/java" --java-flags="$java_flags" --class-path "$class_path" --page "$quiet/small/page.html" "$@"
