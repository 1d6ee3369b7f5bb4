#!/usr/bin/env bash
# Scrapes pages that the server delays, and looks at the JVM's threads while all of them are under way. See README.md.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need python3
find_jdk
export RONDO_JAVA_HOME=$jdk
"$root/rondo" --version >/dev/null # builds

# scrape PAGES DELAY HOW: scrapes them; takes the thread dump when every request waits for its answer.
scrape() {
  local pages=$1 delay=$2 how=$3 server port urls=() i scraper
  rm -f "$work/all" "$work/port"
  "$python" "$bench/delay_server.py" "$delay" "$pages" "$work/all" >"$work/port" &
  server=$!
  started+=("$server")
  until [ -s "$work/port" ]; do sleep 0.05; done
  port=$(cat "$work/port")
  for ((i = 1; i <= pages; i++)); do
    urls+=("http://127.0.0.1:$port/$i")
  done

  echo "== $pages pages, each delayed by $delay s"
  # What the JVM prints for a signal goes to a file of its own.
  RONDO_JAVA_OPTS="-XX:+UnlockDiagnosticVMOptions -XX:-DisplayVMOutput -XX:+LogVMOutput -XX:LogFile=$work/signal.dump" \
    "$root/rondo" scrape --concurrency "$pages" "${urls[@]}" >"$work/out" 2>"$work/err" &
  scraper=$!
  started+=("$scraper")
  while [ ! -e "$work/all" ]; do
    kill -0 "$scraper" 2>/dev/null || break
    sleep 0.005
  done
  if [ "$how" = signal ]; then
    kill -QUIT "$scraper" 2>/dev/null || true
  else
    "$jdk/bin/jcmd" "$scraper" Thread.print >"$work/jcmd.dump"
  fi
  wait "$scraper" || { cat "$work/out" "$work/err"; fail "rondo scrape failed; its output is above."; }
  kill "$server"
  tail -n 3 "$work/out" "$work/err"
}

# Each platform thread has a line that begins with its name and has its native id.
threads() {
  grep -E '^".*nid=' "$1" | sed 's/" .*/"/' >"$work/threads"
  echo "$(wc -l <"$work/threads") platform threads while all requests waited ($2):"
  paste -sd ' ' "$work/threads" | fold -s -w 120
}

scrape 50 0.2 signal
threads "$work/signal.dump" "kill -QUIT"
scrape 500 3 jcmd
threads "$work/jcmd.dump" "jcmd Thread.print"
