#!/usr/bin/env bash
# Scrapes pages that the server delays, and looks at the JVM's threads while they are under way. See README.md.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need python3
find_jdk
export RONDO_JAVA_HOME=$jdk
"$root/rondo" --version >/dev/null # builds what has changed

# scrape PAGES DELAY HOW: scrapes them, and lists the threads when the last request has reached the server.
scrape() {
  local pages=$1 delay=$2 how=$3 server port scraper urls=()
  rm -f "$work"/*
  "$python" "$bench/delay_server.py" "$delay" "$pages" "$work/waiting" >"$work/port" &
  server=$!
  started+=("$server")
  until [ -s "$work/port" ]; do
    kill -0 "$server" || fail "the server did not start"
    sleep 0.05
  done
  port=$(cat "$work/port")
  mapfile -t urls < <(seq -f "http://127.0.0.1:$port/%g" "$pages")

  echo "$pages pages, each delayed by $delay s, no limit per host; load $(cut -d ' ' -f 1 /proc/loadavg):"
  # What the JVM itself prints, such as the threads for a signal, goes to a file of its own.
  # A shell starts what is in the background with SIGQUIT ignored.
  env --default-signal=QUIT \
    RONDO_JAVA_OPTS="-XX:+UnlockDiagnosticVMOptions -XX:-DisplayVMOutput -XX:+LogVMOutput -XX:LogFile=$work/threads" \
    "$root/rondo" scrape --concurrency "$pages" "${urls[@]}" >"$work/out" 2>&1 &
  scraper=$!
  started+=("$scraper")
  until [ -s "$work/waiting" ]; do
    kill -0 "$scraper" 2>/dev/null || break
    sleep 0.002
  done
  if [ "$how" = signal ]; then
    kill -QUIT "$scraper" || true
  else
    "$jdk/bin/jcmd" "$scraper" Thread.print >"$work/threads" || true
  fi
  wait "$scraper" || {
    cat "$work/out"
    fail "the scrape failed; its output is above."
  }
  kill "$server"

  echo "  $(tail -n 1 "$work/out")"
  # A platform thread has a line with its name and its native id.
  sed -n 's/&quot;/"/g; s/^"\(.*\)" .*nid=.*/\1/p' "$work/threads" >"$work/names"
  echo "  $(wc -l <"$work/names") platform threads while $(cat "$work/waiting") requests waited for their answers:"
  paste -sd , "$work/names" | sed 's/,/, /g' | fold -s -w 112 | sed 's/^/    /'
}

scrape 50 0.2 signal
scrape 500 3 jcmd
