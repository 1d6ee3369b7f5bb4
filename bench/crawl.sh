#!/usr/bin/env bash
# Our crawler beside wget2, a crawler of a few lines of aiohttp and lxml, and Scrapy: pages per second. See README.md.
#
# Usage: crawl.sh [--warmup ROUNDS] [--rounds ROUNDS] [--without-scrapy]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

warmup=3
rounds=7
scrapy=yes
while [ $# -gt 0 ]; do
  case $1 in
    --warmup | --rounds)
      [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || fail "$1 needs a number"
      printf -v "${1#--}" %s "$2"
      shift
      ;;
    --without-scrapy) scrapy= ;;
    *) fail "unknown: $1" "usage: $0 [--warmup ROUNDS] [--rounds ROUNDS] [--without-scrapy]" ;;
  esac
  shift
done

need nginx-light python3 python3-aiohttp python3-lxml wget2 python3.11-doc postgresql-doc-15 ${scrapy:+python3-scrapy}
build
start_nginx

cat <<INFO
date      $(date -u +%Y-%m-%d)
machine   $(nproc --all) × $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), Linux $(uname -r); load $(cut -d ' ' -f 1 /proc/loadavg)
rondo     $("$jdk/bin/java" --version | sed -n 2p)
          $java_flags
wget2     $(wget2 --version | head -n 1)
server    $(nginx -v 2>&1 | sed 's/.*: //'), one worker, charset utf-8
rounds    16 connections, no delay; $warmup crawls of one process to warm up, then $rounds measured; medians
INFO

for site in postgresql python; do
  start=$plain/$site/index.html
  programs=(
    rondo rounds "$jdk/bin/java $java_flags -cp $class_path dev.rondo.bench.CrawlRounds $start $work"
    wget2 log "wget2 -q -r -l inf --max-threads=16 --no-robots -P $work/wget2 $start"
    aiohttp+lxml rounds "$python $bench/crawl_aiohttp.py $start"
  )
  [ -z "$scrapy" ] || programs+=(Scrapy once "$python $bench/crawl_scrapy.py $start")
  echo "$site:"
  "$python" "$bench/crawl.py" --warmup "$warmup" --rounds "$rounds" --log "$work/access.log" "${programs[@]}"
  rm -rf "$work/wget2"
done
