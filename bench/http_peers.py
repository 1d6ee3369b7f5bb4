"""Runs HTTP servers under wrk, and clients against nginx, for http.sh, in interleaved samples. See README.md."""

import argparse
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

BENCH = pathlib.Path(__file__).parent
CORE, OTHER_CORE = sorted(os.sched_getaffinity(0))[:2]
CONNECTIONS = 64


class Program:
    """A process on the core that is measured."""

    def __init__(self, name, command):
        self.name, self.command = name, command
        self.process = None

    def start(self, **pipes):
        self.process = subprocess.Popen(["taskset", "-c", str(CORE), *self.command], **pipes)

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


class Server(Program):
    def start(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.command = [str(self.port) if word == "PORT" else word for word in self.command]
        super().start(stdin=subprocess.DEVNULL)
        for _ in range(600):
            if self.process.poll() is not None:
                sys.exit(f"http: {self.name} ended with {self.process.returncode}")
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except OSError:
                time.sleep(0.05)
        sys.exit(f"http: {self.name} does not listen after 30 seconds")

    def sample(self, seconds):
        """As many requests as it takes: requests per second, and per CPU-second."""
        url = f"http://127.0.0.1:{self.port}/"
        before = self.cpu()
        output = run_on_other_core("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", url)
        used = (self.cpu() - before) / 1e9
        if match := re.search(r"Socket errors: (.*)|Non-2xx.*", output):
            sys.exit(f"http: {self.name}: {match[0]}")
        count = int(re.search(r"(\d+) requests in", output)[1])
        rate = float(re.search(r"Requests/sec: *([\d.]+)", output)[1])
        return {"rate": rate, "per_cpu": count / used}

    def latency(self, rate, seconds):
        """Latency at a steady rate, in microseconds."""
        each = max(1, round(rate / CONNECTIONS))
        with tempfile.NamedTemporaryFile() as log:
            run_on_other_core(
                "h2load", "--h1", f"-c{CONNECTIONS}", f"--rps={each}", f"-D{seconds}", f"--log-file={log.name}",
                f"http://127.0.0.1:{self.port}/",
            )  # fmt: skip
            times = sorted(int(line.split()[2]) for line in pathlib.Path(log.name).read_text().splitlines())
        return {"p50": times[len(times) // 2], "p99": times[len(times) * 99 // 100], "rate": len(times) / seconds}


class Client(Program):
    def start(self):
        super().start(stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            sys.exit(f"http: {self.name} did not start")

    def ask(self, count):
        """Asks so often: requests per second, and CPU per request in microseconds."""
        before, begin = self.cpu(), time.monotonic()
        self.process.stdin.write(f"{count}\n")
        self.process.stdin.flush()
        received = int(self.process.stdout.readline() or 0)
        seconds, used = time.monotonic() - begin, self.cpu() - before
        if received != count * 1024:
            sys.exit(f"http: {self.name} got {received} bytes, not {count * 1024}")
        return {"rate": count / seconds, "cpu": used / count / 1000}


def run_on_other_core(*command):
    return subprocess.run(
        ["taskset", "-c", str(OTHER_CORE), *command], check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def java(options, main, *arguments, flags=()):
    command = [options.java, *options.java_flags.split(), *flags, "-cp", options.class_path]
    return [*command, f"dev.rondo.bench.http.{main}", *arguments]


def servers(options):
    return [
        Server("Rondo", java(options, "RondoServer", "PORT")),
        Server("Netty, bare handler", java(options, "NettyServer", "PORT")),
        Server("Vert.x", java(options, "VertxServer", "PORT")),
        Server("Helidon", java(options, "HelidonServer", "PORT")),
        Server("aiohttp", [sys.executable, str(BENCH / "http_aiohttp.py"), "server", "PORT"]),
    ]


def clients(options):
    return [
        Client("Rondo", java(options, "Clients", "rondo", options.page)),
        Client("java.net.http", java(options, "Clients", "jdk", options.page)),
        Client("Vert.x", java(options, "Clients", "vertx", options.page)),
        Client("aiohttp", [sys.executable, str(BENCH / "http_aiohttp.py"), "client", options.page]),
    ]


def medians(programs, rounds, sample, verbose):
    """Takes turns; returns for each program the median of each measure, and of its ratio to the first in that round."""
    samples = {program.name: [] for program in programs}
    for number in range(rounds):
        for program in programs:
            samples[program.name].append(sample(program))
            if verbose:
                print(f"  {number} {program.name:20} {samples[program.name][-1]}", flush=True)
    first = samples[programs[0].name]
    result = {}
    for program in programs:
        own = samples[program.name]
        result[program.name] = {
            measure: (
                statistics.median(s[measure] for s in own),
                statistics.median(f[measure] / s[measure] for f, s in zip(first, own)),
            )
            for measure in own[0]
        }
    return result


def serve(options):
    programs = servers(options)
    try:
        for program in programs:
            program.start()
        for program in programs:
            program.sample(options.warmup)
        print(f"\nserver: plaintext, {CONNECTIONS} connections, {options.rounds} rounds of {options.window} s")
        result = medians(programs, options.rounds, lambda s: s.sample(options.window), options.verbose)
        print(f"  {'':20} {'requests/s':>12} {'per CPU-second':>16}   ours by theirs")
        for name, measures in result.items():
            rate, per_cpu = measures["rate"], measures["per_cpu"]
            print(f"  {name:20} {rate[0]:12,.0f} {per_cpu[0]:16,.0f}   {per_cpu[1]:.2f}×")
        ours_and_bare = programs[:2]
        top = min(result[program.name]["rate"][0] for program in ours_and_bare)
        print(f"\nlatency at {top / 2:,.0f} requests/s, half of what both can, {options.rounds} rounds of {options.window} s")
        result = medians(ours_and_bare, options.rounds, lambda s: s.latency(top / 2, options.window), options.verbose)
        print(f"  {'':20} {'p50 µs':>12} {'p99 µs':>16}   ours by theirs (p99)")
        for name, measures in result.items():
            print(f"  {name:20} {measures['p50'][0]:12,.0f} {measures['p99'][0]:16,.0f}   {measures['p99'][1]:.2f}×")
    finally:
        for program in programs:
            program.stop()


def ask(options):
    programs = clients(options)
    try:
        for program in programs:
            program.start()
        for program in programs:
            begin = time.monotonic()
            while time.monotonic() - begin < options.warmup:
                program.ask(options.count)
        print(f"\nclient: 1 KiB from nginx, {CONNECTIONS} at a time, {options.rounds} rounds of {options.count}")
        result = medians(programs, options.rounds, lambda c: c.ask(options.count), options.verbose)
        print(f"  {'':20} {'requests/s':>12} {'CPU µs/request':>16}   theirs by ours")
        for name, measures in result.items():
            print(f"  {name:20} {measures['rate'][0]:12,.0f} {measures['cpu'][0]:16.1f}   {1 / measures['cpu'][1]:.2f}×")
    finally:
        for program in programs:
            program.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--java", required=True)
    parser.add_argument("--java-flags", default="")
    parser.add_argument("--class-path", required=True)
    parser.add_argument("--page", required=True, help="a URL of 1 KiB")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--window", type=int, default=2)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--warmup", type=int, default=15)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("rows", nargs="*")
    options = parser.parse_args()
    rows = {"server": serve, "client": ask}
    for row in options.rows or rows:
        if row not in rows:
            sys.exit(f"http: no such row: {row} (there are {', '.join(rows)})")
        rows[row](options)


if __name__ == "__main__":
    main()
