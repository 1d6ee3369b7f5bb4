#!/usr/bin/env bash
# Echo servers beside one another: one core for all the servers, another for the client. See README.md.
#
# Usage: echo.sh [--rounds N] [--window SECONDS] [--warmup SECONDS] [--idle N] [--only SERVER,…] [--verbose] [ROW...]
#        ROW: many (64 connections), one (1 connection, and spinning), idle (10,000 idle connections). Default: all
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ -n "$(command -v taskset)" ] && [ "$(nproc)" -ge 2 ] || fail "needs two cores, and taskset (util-linux)"
[ -n "$(command -v cc)" ] || fail "needs a C compiler (apt-get install gcc libc6-dev)"
find_jdk
build

for program in echo_epoll echo_load; do
  cc -O2 -Wall -Wextra -o "$work/$program" "$bench/src/main/c/$program.c"
done
ulimit -n "$(ulimit -H -n)"

cat <<INFO
date      $(date -u +%Y-%m-%d)
machine   $(nproc --all) × $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), Linux $(uname -r); load $(cut -d ' ' -f 1 /proc/loadavg)
JVM       $("$jdk/bin/java" --version | sed -n 2p), $java_flags
Netty     $(basename "$bench"/target/lib/netty-transport-[0-9]*.jar .jar)
Python    $("$python" -c 'import platform; print(platform.python_version())' || echo none)
INFO
"$python" "$bench/echo.py" --java "$jdk/bin/java" --java-flags="$java_flags" --class-path "$class_path" --programs "$work" "$@"
