#!/usr/bin/env bash
# Our scraper beside the same program in Python with aiohttp: pages per second, and the client's CPU per page. See README.md.
#
# Usage: scrape-vs-aiohttp.sh [--warmup ROUNDS] [--rounds ROUNDS] [--verbose] [--profile]
#   --verbose   every round, and the CPU by thread
#   --profile   instead of comparing: in which methods our scraper spends its CPU
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

warmup=100
rounds=31
verbose=()
profile=
while [ $# -gt 0 ]; do
  case $1 in
    --warmup | --rounds)
      [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || fail "$1 needs a number"
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    --verbose) verbose=(--verbose) ;;
    --profile) profile=yes ;;
    *) fail "unknown: $1" "usage: $0 [--warmup ROUNDS] [--rounds ROUNDS] [--verbose] [--profile]" ;;
  esac
  shift
done

need nginx-light python3 python3-aiohttp python3.11-doc postgresql-doc-15
build

# nginx on the first core we may use, the clients on the last one.
read -r first last < <("$python" -c 'import os; cores = sorted(os.sched_getaffinity(0)); print(cores[0], cores[-1])')
[ "$first" != "$last" ] || echo "There is one core only: nginx and the clients share it." >&2
start_nginx taskset -c "$first"

count=500
small=10
large=100
pages | awk -v most=$((small * 1024)) '$1 <= most' | pick "$count" | sed "s|.* |$quiet/|" >"$work/small"
pages | awk -v least=$((large * 1024)) '$1 >= least' | pick "$count" | sed "s|.* |$quiet/|" >"$work/large"

aiohttp=$("$python" -c 'import aiohttp, platform
from aiohttp import http_parser as parser
c = parser.HttpResponseParser is not parser.HttpResponseParserPy
print(aiohttp.__version__, "with its parser in", "C," if c else "PYTHON,", "Python", platform.python_version())')
cat <<INFO
date      $(date -u +%Y-%m-%d)
machine   $(nproc --all) × $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), Linux $(uname -r); load $(cut -d ' ' -f 1 /proc/loadavg)
rondo     $("$jdk/bin/java" --version | sed -n 2p)
          $java_flags
aiohttp   $aiohttp
server    $(nginx -v 2>&1 | sed 's/.*: //'), one worker, on core $first; the clients take turns on core $last
pages     small: up to $small KiB ($(sort -u "$work/small" | wc -l) files); large: from $large KiB ($(sort -u "$work/large" | wc -l) files, each several times)
rounds    $count pages at once on 100 connections; $warmup rounds to warm up, then $rounds measured; medians
INFO

words() {
  printf '%q ' "$@"
}
theirs=$(words taskset -c "$last" "$python" "$bench/scrape_aiohttp.py")
# shellcheck disable=SC2206 # the flags are several words
flags=($java_flags)

for size in small large; do
  programs=()
  for kind in text scraper; do
    [ -z "$profile" ] || flags=($java_flags -Xlog:jfr+startup=off
      "-XX:StartFlightRecording:filename=$work/$size-$kind.jfr,jdk.CPUTimeSample#enabled=true,jdk.CPUTimeSample#throttle=2ms")
    programs+=("rondo $kind=$(words taskset -c "$last" "$jdk/bin/java" "${flags[@]}" -cp "$class_path" \
      dev.rondo.bench.ScrapeRounds "$kind" "$work/$size")")
  done
  [ -n "$profile" ] || programs+=("aiohttp=$theirs$(words "$work/$size")")
  "$python" "$bench/compare.py" --warmup "$warmup" --rounds "$rounds" "${verbose[@]}" "$size pages" "${programs[@]}"
  [ -z "$profile" ] || for kind in text scraper; do
    echo
    echo "$size pages, rondo $kind:"
    "$jdk/bin/jfr" print --json --events jdk.CPUTimeSample --stack-depth 64 "$work/$size-$kind.jfr" |
      "$python" "$bench/hot_methods.py"
  done
done
