#!/usr/bin/env bash
# Fetches 500 real pages at once from nginx on loopback, and checks every body's SHA-256 against the file's.
# Exits with 1 if one differs. See README.md.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need nginx-light python3 python3.11-doc postgresql-doc-15
build
start_nginx

count=500
pages | pick "$count" >"$work/pages"
[ "$(cut -d ' ' -f 2 "$work/pages" | sort -u | wc -l)" = "$count" ] || fail "there are fewer than $count pages"
echo "$count pages, $(awk '{ bytes += $1 } END { print bytes }' "$work/pages") bytes; the first is $(sed -n '1s/.* //p' "$work/pages")"

# run WHAT BASE_URL CONNECTIONS CODING: one pass, checked against nginx's log too.
run() {
  echo "$1:"
  while read -r _ page; do
    printf '%s/%s\t%s\n' "$2" "$page" "$work/www/$page"
  done <"$work/pages" >"$work/list"
  : >"$work/access.log"
  # shellcheck disable=SC2086 # the flags are several words
  "$jdk/bin/java" $java_flags -cp "$class_path" dev.rondo.bench.RealPages "$work/list" "$3" || failed=yes
  awk -v count="$count" -v coding="$4" '
    $3 == 200 && $4 == "\"" coding "\"" { good++; connections[$2] }
    END {
      for (c in connections) n++
      printf "  nginx: %d requests on %d connections, all answered 200%s\n", NR, n, coding == "-" ? "" : ", coded with " coding
      exit good != count || NR != count
    }' "$work/access.log" || { failed=yes; echo "  nginx answered otherwise:"; sort -k 3 "$work/access.log" | head -n 3; }
}

failed=
run "as they are, with as many connections as pages" "$plain" 0 -
run "as they are, 100 connections" "$plain" 100 -
run "gzip, with as many connections as pages" "$gzip" 0 gzip
run "gzip, 100 connections" "$gzip" 100 gzip
[ -z "$failed" ]
