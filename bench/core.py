"""Has programs do the core's operations in turn, and compares them. Called by core.sh.

Every operation gets processes of its own, so that none runs code that was compiled for another. Each program warms up; then they
take turns, round by round. The time of a round is the program's own; the CPU that all its threads needed meanwhile is the kernel's.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

COLLECTORS = {
    "G1": ["-XX:+UseG1GC"],
    "Parallel": ["-XX:+UseParallelGC", "-Djdk.trackAllThreads=false"],
}
MAIN_CLASSES = {
    "Rondo": ["dev.rondo.bench.core.CoreRounds"],
    "bare": ["--add-opens", "java.base/java.lang=ALL-UNNAMED", "dev.rondo.bench.core.BareOps"],
    "Kotlin": ["dev.rondo.bench.core.KotlinOpsKt"],
}
PYTHON = ("asyncio", "uvloop")


class Aim(NamedTuple):
    """How Rondo is to compare with a peer: at most this many times its nanoseconds, or at least this many times as fast."""

    peer: str
    at_most: float = 0
    at_least: float = 0
    operation: str = ""  # the peer's; the same where it is empty


class Operation(NamedTuple):
    name: str
    what: str
    count: int  # a round of the JVMs
    python_count: int
    peers: tuple = ()  # beside Rondo and Python's two
    aims: tuple = ()


OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation(
            "switch", "two tasks yield to each other", 1_000_000, 20_000, ("bare", "Kotlin"), (Aim("bare", at_most=1.25),)
        ),
        Operation(
            "switch-io",
            "the same, with one idle socket",
            1_000_000,
            20_000,
            aims=(Aim("bare", at_most=1.25, operation="switch"),),
        ),
        Operation(
            "spawn",
            "a task is made, yields, is awaited; 1,000 alive",
            200_000,
            20_000,
            ("bare", "Kotlin"),
            (Aim("Kotlin", at_most=1),),
        ),
        Operation(
            "callSoon", "a callback schedules itself", 5_000_000, 50_000, ("Kotlin",), (Aim("asyncio", at_least=40),)
        ),
        Operation(
            "timer-newest",
            "a timer is made and cancelled; 100,000 outstanding",
            2_000_000,
            50_000,
            aims=(Aim("asyncio", at_least=40),),
        ),
        Operation(
            "timer-random",
            "a timer is made, and any old one cancelled; 100,000 outstanding",
            1_000_000,
            50_000,
            aims=(Aim("asyncio", at_least=10),),
        ),
        Operation(
            "queue",
            "an item goes from task to task through a queue of one",
            500_000,
            20_000,
            ("bare", "Kotlin"),
            (Aim("asyncio", at_least=25), Aim("Rondo", at_most=2.3, operation="switch")),
        ),
        Operation(
            "sleeps",
            "100,000 sleeps of 1 ms, gathered; each",
            100_000,
            100_000,
            ("Kotlin",),
            (Aim("Kotlin", at_most=1),),
        ),
    )
}
MILLION = "million"


class Process:
    """A program that runs, one line in and one line out for each round."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        try:
            return [int(word) for word in line.split()]
        except ValueError:
            sys.exit(f"{self.process.args} should have answered with numbers, but did with {line!r}")

    def cpu_nanos(self):
        return time.clock_gettime_ns(~self.process.pid << 3 | 2)  # clock_getcpuclockid(3), which Python does not have

    def peak_bytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))

    def close(self):
        self.process.stdin.close()
        if self.process.wait():
            sys.exit(f"{self.process.args} failed")


class Contestant:
    """A program, and its rounds of one operation."""

    def __init__(self, settings, name, operation):
        self.name = name
        self.operation = operation
        self.count = operation.python_count if name in PYTHON else operation.count
        if settings.quick and (operation.name != "sleeps" or name in PYTHON):
            self.count //= 4
        self.process = Process(settings.pin + command(settings, name))
        self.walls = []
        self.cpus = []

    def round(self):
        """Does a round, and returns the nanoseconds per operation: by the clock, and of CPU."""
        cpu = self.process.cpu_nanos()
        answer = self.process.ask(f"{self.operation.name} {self.count}")
        cpu = self.process.cpu_nanos() - cpu
        if len(answer) != 2 or answer[0] != self.count:
            sys.exit(f"{self.name}: {self.operation.name} should have been done {self.count} times, but answered {answer}")
        return answer[1] / self.count, cpu / self.count

    def warm_up(self, seconds):
        until = time.monotonic() + seconds
        for number in range(1_000):
            if number >= 2 and (time.monotonic() > until or self.name in PYTHON):
                return
            self.round()

    def measure(self, verbose):
        wall, cpu = self.round()
        self.walls.append(wall)
        self.cpus.append(cpu)
        if verbose:
            print(f"  {self.operation.name:12} {self.name:16} {wall:9.1f} ns {cpu:9.1f} ns CPU", file=sys.stderr, flush=True)

    def wall(self):
        return statistics.median(self.walls)

    def cpu(self):
        return statistics.median(self.cpus)


def java(settings, collector, *arguments):
    return [settings.java, *COLLECTORS[collector], *settings.java_opts, "-cp", settings.class_path, *arguments]


def command(settings, name):
    """Returns how to start the contestant, such as "Rondo G1" or "asyncio", for rounds."""
    if name in PYTHON:
        return [sys.executable, os.path.join(os.path.dirname(__file__), "core_asyncio.py"), name]
    program, collector = name.split()
    return java(settings, collector, *MAIN_CLASSES[program], *([settings.kotlin] if program == "Kotlin" else []))


def names(peers):
    return [f"{peer} {collector}" for peer in peers for collector in COLLECTORS]


def compare(settings, operation):
    """Returns the contestants of an operation by name, when they have done their rounds."""
    contestants = [
        Contestant(settings, name, operation) for name in (*names(("Rondo", *operation.peers)), *PYTHON)
    ]
    for contestant in contestants:
        contestant.warm_up(settings.warmup)
    for _ in range(settings.rounds):
        for contestant in contestants:
            contestant.measure(settings.verbose)
    for contestant in contestants:
        contestant.process.close()
    return {contestant.name: contestant for contestant in contestants}


def verdict(results, operation, aim):
    """Returns how Rondo compares with a peer, under each collector, and what it should."""
    theirs = results.get(aim.operation or operation.name)
    if not theirs:
        return None
    ratios = []
    for collector in COLLECTORS:
        our = results[operation.name][f"Rondo {collector}"].wall()
        their = theirs[aim.peer if aim.peer in PYTHON else f"{aim.peer} {collector}"].wall()
        ratios.append(their / our if aim.at_least else our / their)
    what = f"{aim.peer}'s {aim.operation}" if aim.operation else aim.peer
    if aim.at_least:
        told, met = " / ".join(f"{ratio:.0f}" for ratio in ratios), min(ratios) >= aim.at_least
        return f"{told} × as fast as {what} (at least {aim.at_least:g}: {'yes' if met else 'NO'})"
    told, met = " / ".join(f"{ratio:.2f}" for ratio in ratios), max(ratios) <= aim.at_most
    return f"{told} × {what} (at most {aim.at_most:g}: {'yes' if met else 'NO'})"


def print_table(results):
    columns = [*names(MAIN_CLASSES), *PYTHON]
    print("\nNanoseconds per operation, by the clock (of CPU, all threads):\n")
    print(f"| operation | {' | '.join(columns)} | G1 / Parallel |")
    print(f"|---|{'---:|' * len(columns)}---|")
    for name, contestants in results.items():
        operation = OPERATIONS[name]
        cells = [
            f"{contestants[column].wall():.0f} ({contestants[column].cpu():.0f})" if column in contestants else "–"
            for column in columns
        ]
        told = filter(None, (verdict(results, operation, aim) for aim in operation.aims))
        print(f"| `{name}`: {operation.what} | {' | '.join(cells)} | {'; '.join(told)} |", flush=True)


def print_spread(results):
    print("\nLeast … most, by the clock:")
    for name, contestants in results.items():
        for contestant in contestants.values():
            print(f"  {name:12} {contestant.name:16} {min(contestant.walls):9.1f} … {max(contestant.walls):.1f}")


def million(settings):
    """Prints what a million sleepers need, each program in a process that has done nothing before."""
    count = 1_000_000
    programs = {}
    for name in names(("Rondo",) if settings.quick else ("Rondo", "Kotlin")):
        program, collector = name.split()
        main_class = ["dev.rondo.bench.core.MillionSleepers"]
        if program == "Kotlin":
            main_class = [*MAIN_CLASSES[program], settings.kotlin]
        programs[name] = java(settings, collector, *main_class)
    if not settings.quick:
        for name in PYTHON:
            programs[name] = command(settings, name)
    print(f"\n{count:,} tasks sleep until the same moment; medians of {settings.repeats}, each in a process just started, not pinned:\n")
    print("| program | heap in use while all sleep, MB | memory of the process, MB | woken | all ended after, s | least … most | CPU, s |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, words in programs.items():
        runs = [fall_asleep_and_wake(words, count) for _ in range(1 if name in PYTHON else settings.repeats)]
        woken, nanos, cpus, heaps, peaks = zip(*runs)
        seconds = [each / 1e9 for each in nanos]
        print(
            f"| {name} | {f'{statistics.median(heaps) / 1e6:.0f}' if any(heaps) else '–'} | {statistics.median(peaks) / 1e6:.0f} "
            f"| {min(woken):,} | {statistics.median(seconds):.2f} | {min(seconds):.2f} … {max(seconds):.2f} "
            f"| {statistics.median(cpus) / 1e9:.2f} |",
            flush=True,
        )
    print(f"\nAim, for Rondo: less than 1,000 MB of heap, {count:,} woken, in less than 2 s.")


def fall_asleep_and_wake(words, count):
    """Returns a program's answer, and the memory it needed. Gives it twice the time to fall asleep if that was too short."""
    for seconds in (10, 20, 40, 80, 160):
        process = Process([*words, str(count), str(seconds)])
        answer = process.answer()
        if len(answer) != 4:
            sys.exit(f"{words} failed, see above")
        if answer[0]:
            peak = process.peak_bytes()
            process.close()
            return *answer, peak
        process.process.kill()
        process.process.wait()
    sys.exit(f"{words}: this machine is too slow, or too busy")


def record(settings, operation):
    """Has Rondo alone do rounds of an operation for a while, as a profile needs it."""
    contestant = Contestant(settings, "Rondo Parallel", operation)
    until = time.monotonic() + settings.record
    while time.monotonic() < until:
        contestant.measure(settings.verbose)
    contestant.process.close()
    print(f"{operation.name}: {contestant.wall():.0f} ns ({contestant.cpu():.0f} of CPU), {len(contestant.walls)} rounds")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("operations", nargs="*", metavar="OPERATION", help="all by default")
    parser.add_argument("--java", required=True)
    parser.add_argument("--java-opts", default=[], type=str.split, help="more flags for every JVM")
    parser.add_argument("--class-path", required=True)
    parser.add_argument("--pin", default=[], type=str.split, help="goes before every command")
    parser.add_argument("--kotlin", choices=("blocking", "single"), default="blocking", help="which loop of Kotlin's")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--warmup", type=float, default=4, metavar="SECONDS", help="of each program")
    parser.add_argument("--repeats", type=int, default=5, help="of the million")
    parser.add_argument("--quick", action="store_true", help="5 short rounds after half a second; the million once, Rondo alone")
    parser.add_argument("--verbose", action="store_true", help="each round, and the spread")
    parser.add_argument("--record", type=float, metavar="SECONDS", help="instead: one operation on Rondo alone")
    settings = parser.parse_args()
    if settings.quick:
        settings.rounds, settings.warmup, settings.repeats = 5, 0.5, 1

    chosen = settings.operations or [*OPERATIONS, MILLION]
    if unknown := set(chosen) - set(OPERATIONS) - {MILLION}:
        parser.error(f"unknown: {', '.join(unknown)}; there are: {', '.join([*OPERATIONS, MILLION])}")
    if settings.record:
        record(settings, OPERATIONS[chosen[0]])
        return
    results = {name: compare(settings, OPERATIONS[name]) for name in OPERATIONS if name in chosen}
    if results:
        print_table(results)
        if settings.verbose:
            print_spread(results)
    if MILLION in chosen:
        million(settings)


main()
