# Shared by the scripts in this directory, which source it: what must be installed, the build, nginx with the real pages.

set -euo pipefail

bench=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$bench")
name=$(basename "$0" .sh)

# Debian's own: the one that sees Debian's aiohttp.
python=/usr/bin/python3

fail() {
  printf "$name: %s\n" "$@" >&2
  exit 1
}

# Made anew for each run, and removed with everything that was started.
work=$(mktemp -d "${TMPDIR:-/tmp}/rondo-$name.XXXXXX")
started=()

clean_up() {
  local status=$?
  trap - EXIT
  if [ ${#started[@]} -gt 0 ]; then
    kill "${started[@]}" 2>/dev/null || true
    wait "${started[@]}" 2>/dev/null || true
  fi
  rm -rf "$work"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# need PACKAGE...: installs what is missing of these Debian packages.
need() {
  local package missing=()
  command -v dpkg-query >/dev/null || fail "needs a Debian system with these packages: $*"
  for package in "$@"; do
    if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
      missing+=("$package")
    fi
  done
  if [ ${#missing[@]} -eq 0 ]; then
    return
  fi
  [ "$(id -u)" = 0 ] || fail "these Debian packages are missing: ${missing[*]}" \
    "Install them (sudo apt-get update && sudo apt-get install ${missing[*]}), or run this once as root."
  echo "installing ${missing[*]}…" >&2
  if ! {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
  } >"$work/apt.log" 2>&1; then
    cat "$work/apt.log" >&2
    fail "apt-get could not install ${missing[*]}; its output is above."
  fi
}

# Sets $jdk to the home of a JDK 25 or later.
find_jdk() {
  local java version
  if java=$(command -v java); then
    java=$(readlink -f "$java")
  fi
  for jdk in "${RONDO_JAVA_HOME:-}" "${JAVA_HOME:-}" "${java%/bin/java}" /usr/lib/jvm/* /opt/* /opt/java/* \
    "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/*; do
    if [ -x "$jdk/bin/javac" ] && [ -r "$jdk/release" ]; then
      version=$(sed -n 's/^JAVA_VERSION="*\([0-9]*\).*/\1/p' "$jdk/release")
      if [ "${version:-0}" -ge 25 ]; then
        return
      fi
    fi
  done
  fail "no JDK 25 or later found." "Say where it is: RONDO_JAVA_HOME=/path/to/jdk $0"
}

# build [PROFILES]: builds the Java programs of this directory. Sets $jdk, $java_flags (the launcher's) and $class_path.
build() {
  find_jdk
  java_flags=$(sed -n 's/^flags=(\([^)]*\))$/\1/p' "$root/rondo")
  [ -n "$java_flags" ] || fail "cannot find the JVM's flags in $root/rondo"
  java_flags="$java_flags${RONDO_JAVA_OPTS:+ $RONDO_JAVA_OPTS}"
  class_path="$bench/target/classes:$bench/target/lib/*"
  if ! (
    cd "$root"
    export JAVA_HOME=$jdk MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"
    mvn -B -q -pl bench -am -P "programs${1:+,$1}" -Dmaven.test.skip=true package
  ) </dev/null >"$work/build.log" 2>&1; then
    cat "$work/build.log" >&2
    fail "the build failed; its output is above."
  fi
}

free_port() {
  "$python" -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# await_port PORT PID: until something listens there.
await_port() {
  local _
  for _ in $(seq 100); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
      return
    fi
    kill -0 "$2" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}

# html_tree PACKAGE: the directory in which a documentation package has its HTML files.
html_tree() {
  local index
  index=$(dpkg -L "$1" | grep '/html/index\.html$' | head -n 1)
  [ -n "$index" ] || fail "the package $1 has no html/index.html"
  readlink -f "$(dirname "$index")"
}

# Serves the documentation of Python and PostgreSQL on loopback.
#
#   start_nginx [COMMAND...]    COMMAND goes before nginx, such as: taskset -c 0
#
# Sets $plain, $gzip (the same, compressed; both write $work/access.log) and $quiet (as $plain, without a log): base URLs.
start_nginx() {
  local ports=("$(free_port)" "$(free_port)" "$(free_port)")
  mkdir "$work/www" "$work/tmp"
  ln -s "$(html_tree python3.11-doc)" "$work/www/python"
  ln -s "$(html_tree postgresql-doc-15)" "$work/www/postgresql"
  chmod 755 "$work"
  sed "s|@work@|$work|; s|@plain@|${ports[0]}|; s|@gzip@|${ports[1]}|; s|@quiet@|${ports[2]}|" \
    "$bench/nginx.conf" >"$work/nginx.conf"
  "$@" nginx -p "$work" -e "$work/error.log" -c "$work/nginx.conf" &
  local nginx=$!
  started+=("$nginx")
  if ! await_port "${ports[2]}" "$nginx"; then
    cat "$work/error.log" >&2
    fail "nginx did not start; its log is above."
  fi
  plain=http://127.0.0.1:${ports[0]}
  gzip=http://127.0.0.1:${ports[1]}
  quiet=http://127.0.0.1:${ports[2]}
}

# Lists the pages nginx serves, a line each: bytes, path below the base URL. In a fixed order, symbolic links followed.
pages() {
  (
    cd "$work/www"
    find -L python postgresql -type f -name '*.html' -printf '%s %p\n' | grep -E ' [A-Za-z0-9._/-]+$' | LC_ALL=C sort -k 2
  )
}

# pick COUNT: takes COUNT lines, evenly over all; when there are fewer, each as often as it takes.
pick() {
  awk -v count="$1" '
    { line[NR - 1] = $0 }
    END {
      if (!NR) exit 1
      for (i = 0; i < count; i++) print line[NR < count ? i % NR : int(i * NR / count)]
    }'
}

# Makes the certificate of localhost, in $work/keys.p12.
make_keys() {
  "$jdk/bin/keytool" -genkeypair -alias server -keyalg EC -groupname secp256r1 -dname CN=bench \
    -ext san=dns:localhost,ip:127.0.0.1 -validity 2 -storetype PKCS12 -storepass changeit -keystore "$work/keys.p12" 2>/dev/null
}
