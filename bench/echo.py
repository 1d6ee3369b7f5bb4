"""Runs echo servers and their client for echo.sh, in interleaved samples, and compares them with C. See README.md."""

import argparse
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import time

BENCH = pathlib.Path(__file__).parent
SERVER_CORE, CLIENT_CORE = sorted(os.sched_getaffinity(0))[:2]
BASE = "C epoll"


class Server:
    def __init__(self, name, command, java=False, cores=(SERVER_CORE,)):
        self.name, self.command, self.java, self.cores = name, command, java, cores
        self.process = None
        self.port = None

    def start(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        command = [str(self.port) if word == "PORT" else word for word in self.command]
        cores = ",".join(map(str, self.cores))
        self.process = subprocess.Popen(["taskset", "-c", cores, *command], stdin=subprocess.DEVNULL)
        for _ in range(600):
            if self.process.poll() is not None:
                sys.exit(f"echo: {self.name} ended with {self.process.returncode}")
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.05)
        sys.exit(f"echo: {self.name} does not listen after 30 seconds")

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    def cpu(self):
        """CPU time of all its threads so far, in nanoseconds."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                total += int((task / "schedstat").read_text().split()[0])
            except OSError:
                pass  # it has ended
        return total

    def memory(self, java):
        """KiB in use: of a JVM its heap after a collection, and for all what is resident."""
        heap = None
        if self.java:
            jcmd = str(pathlib.Path(java).parent / "jcmd")
            pid = str(self.process.pid)
            for _ in range(2):
                subprocess.run([jcmd, pid, "GC.run"], check=True, stdout=subprocess.DEVNULL)
            info = subprocess.run([jcmd, pid, "GC.heap_info"], check=True, stdout=subprocess.PIPE, text=True).stdout
            heap = used_in(info)
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
        return heap, resident


def used_in(heap_info):
    """What jcmd says is used of the heap, in KiB: G1 has one line for it, others have one for each generation."""
    used = [
        int(match[2])
        for match in re.finditer(r"^ *(\S.*?) total .* used (\d+)K", heap_info, re.MULTILINE)
        if match[1].split()[0].lower() in ("garbage-first", "def", "defnew", "tenured", "psyounggen", "paroldgen")
    ]
    if not used:
        sys.exit("echo: cannot find what is used in this:\n" + heap_info)
    return sum(used)


class Load:
    def __init__(self, programs):
        self.program = str(pathlib.Path(programs) / "echo_load")

    def command(self, server, **options):
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        return ["taskset", "-c", str(CLIENT_CORE), self.program, str(server.port), *words]

    def sample(self, server, **options):
        process = subprocess.Popen(self.command(server, **options), stdout=subprocess.PIPE, text=True)
        before = server.cpu()
        output = process.communicate()[0]
        after = server.cpu()
        if process.returncode:
            sys.exit(f"echo: the client of {server.name} ended with {process.returncode}")
        result = json.loads(output.splitlines()[-1])
        # Requests of the connections' first instant are in the one and not in the other: a handful.
        result["cpu"] = (after - before) / 1000 / max(1, result["requests"])
        return result

    def hold(self, server, count):
        """Opens idle connections; returns the process that holds them."""
        holder = subprocess.Popen(
            self.command(server, connections=0, idle=count, seconds=86400), stdout=subprocess.PIPE, text=True
        )
        if not holder.stdout.readline().startswith("holding"):
            sys.exit(f"echo: {server.name} did not take {count} connections (ulimit -n is {os.sysconf('SC_OPEN_MAX')})")
        return holder


def servers(options):
    def java(name, main, *arguments, flags=()):
        command = [options.java, *options.java_flags.split(), *flags, "-cp", options.class_path]
        return Server(name, [*command, f"dev.rondo.bench.echo.{main}", "PORT", *arguments], java=True)

    def python(loop, kind):
        return Server(f"{loop} {kind}", [sys.executable, str(BENCH / "echo_asyncio.py"), "PORT", loop, kind])

    epoll = str(pathlib.Path(options.programs) / "echo_epoll")
    all_servers = [
        Server(BASE, [epoll, "PORT"]),
        java("Rondo bytes", "RondoEcho", "bytes"),
        java("Rondo streams", "RondoEcho", "streams"),
        java("Rondo protocol", "RondoEcho", "protocol"),
        java("Netty NIO", "NettyEcho"),
        java("JDK virtual threads", "VirtualThreadsEcho"),
        python("asyncio", "streams"),
        python("asyncio", "protocol"),
    ]
    if subprocess.run([sys.executable, "-c", "import uvloop"], stderr=subprocess.DEVNULL).returncode == 0:
        all_servers += [python("uvloop", "streams"), python("uvloop", "protocol")]
    else:
        print("left out: uvloop (apt-get install python3-uvloop)")
    spinning = [
        Server("C epoll, spinning", [epoll, "PORT", "spin"]),
        java("Rondo bytes, spin on", "RondoEcho", "bytes", flags=["-Drondo.spin=on"]),
        java("Rondo bytes, spin auto", "RondoEcho", "bytes", flags=["-Drondo.spin=auto", "-XX:ActiveProcessorCount=2"]),
    ]
    if options.only:
        wanted = options.only.split(",")
        all_servers = [server for server in all_servers if server.name in [BASE, *wanted]]
        spinning = [server for server in spinning if server.name in wanted]
    return all_servers, spinning


def compare(title, base, others, load, options, connections):
    """Base, X, base, for each X in each round: X is divided by the mean of the two around it."""
    shape = dict(connections=connections, size=options.size)
    print(f"\n{title}: {connections} × {options.size} B, {options.rounds} rounds of {options.window} s")
    for server in [base, *others]:
        load.sample(server, **shape, seconds=options.warmup if server is not base else min(1, options.warmup))
    ratios = {server.name: [] for server in others}
    absolute = {server.name: [] for server in [base, *others]}
    measure = ("rate", "cpu", "p50", "p99")
    for round_number in range(options.rounds):
        before = load.sample(base, **shape, seconds=options.window)
        for server in others:
            sample = load.sample(server, **shape, seconds=options.window)
            after = load.sample(base, **shape, seconds=options.window)
            ratio = {m: 2 * sample[m] / max(1e-9, before[m] + after[m]) for m in measure}
            ratios[server.name].append(ratio)
            absolute[server.name].append(sample)
            absolute[base.name].append(after)
            if options.verbose:
                print(f"  {round_number} {server.name:24} " + "  ".join(f"{m} {ratio[m]:.3f}" for m in measure))
            before = after
    print(f"  {'':24} {'requests/s':>22} {'CPU µs/request':>22} {'p50 µs':>16} {'p99 µs':>16}   least … most")
    for server in [base, *others]:
        values = {m: statistics.median(s[m] for s in absolute[server.name]) for m in measure}
        of = {m: statistics.median(r[m] for r in ratios[server.name]) if server is not base else 1 for m in measure}
        rates = [r["rate"] for r in ratios.get(server.name, [])] or [1]
        print(
            f"  {server.name:24} {values['rate']:12,.0f} ({of['rate']:6.2f}×) {values['cpu']:12.2f} ({of['cpu']:6.2f}×)"
            f" {values['p50']:8.1f} ({of['p50']:4.2f}×) {values['p99']:8.1f} ({of['p99']:4.2f}×)"
            f"   {min(rates):.2f} … {max(rates):.2f}"
        )


def idle(all_servers, load, options):
    """What idle connections cost: memory, and the latency of those that are not."""
    active = dict(connections=options.active, size=options.size, seconds=options.window, warmup=0.2)
    print(f"\nidle: {options.idle} connections that say nothing; beside them {options.active} that do")
    print(f"  {'':24} {'heap KiB each':>14} {'resident KiB each':>18} {'p50 µs, ratio':>16} {'p99 µs, ratio':>16}")
    for server in all_servers:
        load.sample(server, connections=64, size=options.size, seconds=options.warmup)
        heap, resident = server.memory(options.java)
        holder = load.hold(server, options.idle)
        try:
            time.sleep(1)  # until it has accepted the last
            heap_held, resident_held = server.memory(options.java)
        finally:
            holder.kill()
            holder.wait()
        each = f"{(heap_held - heap) / options.idle:14.2f}" if server.java else f"{'':>14}"
        ratios = {"p50": [], "p99": []}
        values = {"p50": [], "p99": []}
        for _ in range(options.rounds):
            without = load.sample(server, **active)
            holder = load.hold(server, options.idle)
            try:
                beside = load.sample(server, **active)
            finally:
                holder.kill()
                holder.wait()
            time.sleep(0.5)  # the server has them to close
            after = load.sample(server, **active)
            for m in ratios:
                ratios[m].append(2 * beside[m] / (without[m] + after[m]))
                values[m].append(beside[m])
        columns = " ".join(
            f"{statistics.median(values[m]):9.1f}, {statistics.median(ratios[m]):4.2f}×" for m in ("p50", "p99")
        )
        print(f"  {server.name:24} {each} {(resident_held - resident) / options.idle:18.2f} {columns}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--java", required=True)
    parser.add_argument("--java-flags", default="")
    parser.add_argument("--class-path", required=True)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--window", type=float, default=0.7)
    parser.add_argument("--warmup", type=float, default=10)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--active", type=int, default=1000)
    parser.add_argument("--only", help="names of servers, with commas between them")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("rows", nargs="*")
    options = parser.parse_args()
    rows = options.rows or ["many", "one", "idle"]
    unknown = set(rows) - {"many", "one", "idle"}
    if unknown:
        sys.exit(f"echo: no such row: {', '.join(unknown)} (there are many, one, idle)")
    all_servers, spinning = servers(options)
    started = all_servers + (spinning if "one" in rows else [])
    load = Load(options.programs)
    try:
        for server in started:
            server.start()
        print(f"cores     servers {SERVER_CORE}, client {CLIENT_CORE}")
        base, others = all_servers[0], all_servers[1:]
        if "many" in rows:
            compare("many", base, others, load, options, 64)
        if "one" in rows:
            compare("one", base, others + spinning, load, options, 1)
        if "idle" in rows:
            idle(all_servers, load, options)
    finally:
        for server in started:
            server.stop()


if __name__ == "__main__":
    main()
