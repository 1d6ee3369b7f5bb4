#!/usr/bin/env bash
# How many schedules a second the test kit tries, and how fast virtual time passes. See README.md.
#
# Usage: schedules.sh [ROUNDS]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

rounds=${1:-7}
need python3
build

pin=
if command -v taskset >/dev/null; then
  pin="taskset -c $("$python" -c 'import os; print(max(os.sched_getaffinity(0)))')"
fi

cat <<INFO
date      $(date -u +%Y-%m-%d)
machine   $(nproc --all) × $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), Linux $(uname -r); load $(cut -d ' ' -f 1 /proc/loadavg)
JVM       $("$jdk/bin/java" --version | sed -n 2p), -Xmx1g${RONDO_JAVA_OPTS:+, $RONDO_JAVA_OPTS}
Python    $("$python" -c 'import platform; print(platform.python_version())')
pinned    ${pin:-no}

INFO

# median WARMUP: per operation, the median of what is left after the first rounds: count and seconds, as things a second.
median() {
  "$python" -c '
import statistics, sys
rates = {}
for line in sys.stdin:
    operation, count, seconds = line.split()
    rates.setdefault(operation, []).append(int(count) / float(seconds))
for operation, all_rates in rates.items():
    kept = all_rates[int(sys.argv[1]):]
    print(f"  {operation:8} {statistics.median(kept):12,.0f} a second   {min(kept):,.0f} … {max(kept):,.0f}")
' "$1"
}

for collector in G1 Parallel; do
  echo "Rondo, -XX:+Use${collector}GC"
  # shellcheck disable=SC2086 # the flags are several words
  $pin "$jdk/bin/java" -XX:+Use${collector}GC -Xmx1g ${RONDO_JAVA_OPTS:-} -cp "$class_path" \
    dev.rondo.bench.Schedules $((rounds + 3)) | median 3
done
echo "asyncio"
$pin "$python" "$bench/schedules_asyncio.py" "$rounds" | median 0
