#!/usr/bin/env bash
# The core's operations beside asyncio, uvloop, Kotlin's coroutines and bare virtual threads. See README.md.
#
# Usage: core.sh [--quick] [--verbose] [--rounds N] [--warmup SECONDS] [--kotlin blocking|single] [OPERATION...]
#        core.sh --profile OPERATION     in which methods Rondo spends its CPU there
#        core.sh --jmh [ARGUMENT...]     Rondo alone, under JMH
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

kind=${1:-}
case $kind in
  --profile | --jmh) shift ;;
  *) kind= ;;
esac

need python3 python3-uvloop
build peers

if [ "$kind" = --jmh ]; then
  # shellcheck disable=SC2086 # the flags are several words
  exec "$jdk/bin/java" ${RONDO_JAVA_OPTS:--XX:+UseG1GC} -cp "$class_path" org.openjdk.jmh.Main \
    dev.rondo.bench.core.CoreBenchmark "$@"
fi

# One core for all, the last one we may use: then a program's helper threads take their time from it too.
pin=
if command -v taskset >/dev/null; then
  pin="taskset -c $("$python" -c 'import os; print(max(os.sched_getaffinity(0)))')"
fi
driver=("$python" "$bench/core.py" --java "$jdk/bin/java" --class-path "$class_path" --pin "$pin")

if [ "$kind" = --profile ]; then
  [ $# = 1 ] || fail "usage: $0 --profile OPERATION"
  recording="-Xlog:jfr+startup=off -XX:StartFlightRecording:filename=$work/recording.jfr,jdk.CPUTimeSample#enabled=true,jdk.CPUTimeSample#throttle=2ms"
  "${driver[@]}" --java-opts="$recording ${RONDO_JAVA_OPTS:-}" --record 30 "$1"
  "$jdk/bin/jfr" print --json --events jdk.CPUTimeSample --stack-depth 64 "$work/recording.jfr" |
    "$python" "$bench/hot_methods.py"
  exit
fi

cat <<INFO
date      $(date -u +%Y-%m-%d)
machine   $(nproc --all) × $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), Linux $(uname -r); load $(cut -d ' ' -f 1 /proc/loadavg)
JVM       $("$jdk/bin/java" --version | sed -n 2p)${RONDO_JAVA_OPTS:+, $RONDO_JAVA_OPTS}
          G1: -XX:+UseG1GC; Parallel: -XX:+UseParallelGC -Djdk.trackAllThreads=false
Kotlin    $(basename "$bench"/target/lib/kotlinx-coroutines-core-jvm-*.jar .jar)
Python    $("$python" -c 'import platform, uvloop; print(platform.python_version() + ", uvloop", uvloop.__version__)')
pinned    ${pin:-no}
INFO
"${driver[@]}" --java-opts="${RONDO_JAVA_OPTS:-}" "$@"
