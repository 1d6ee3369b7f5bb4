"""Runs programs that do the same in rounds, takes turns between them, and compares them with the last. Called by scrape-vs-aiohttp.sh.

A program does one round for each line on its standard input, and answers: pages characters seconds. The CPU that all its
threads needed meanwhile is read from the kernel's clock of that process, the same for each and exact; a JVM would say it in
steps of 10 ms only.
"""

import argparse
import os
import shlex
import statistics
import subprocess
import sys
import time
from typing import NamedTuple


class Round(NamedTuple):
    pages: int
    characters: int
    seconds: float
    cpu: float


class Program:
    def __init__(self, name, command):
        self.name = name
        self.rounds = []
        self.process = subprocess.Popen(shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def cpu(self):
        return time.clock_gettime(~self.process.pid << 3 | 2)  # clock_getcpuclockid(3), which Python does not have

    def round(self):
        cpu = self.cpu()
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        cpu = self.cpu() - cpu
        try:
            pages, characters, seconds = answer.split()
            return Round(int(pages), int(characters), float(seconds), cpu)
        except ValueError:
            sys.exit(f"{self.name} should have answered with three numbers, but did with {answer!r}")

    def speed(self):
        """Returns pages per second, the median of the rounds."""
        return statistics.median(r.pages / r.seconds for r in self.rounds)

    def cost(self):
        """Returns milliseconds of CPU per page, the median of the rounds."""
        return statistics.median(r.cpu / r.pages * 1000 for r in self.rounds)

    def cpu_by_thread(self):
        """Returns the seconds that the threads of each name have used so far, in user mode and in the kernel."""
        tick = os.sysconf("SC_CLK_TCK")
        used = {}
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{thread}/stat", encoding="utf-8") as file:
                head, _, tail = file.read().rpartition(")")
            name = head.partition("(")[2].rstrip("0123456789#- ")
            fields = tail.split()
            user, kernel = used.get(name, (0.0, 0.0))
            used[name] = (user + int(fields[11]) / tick, kernel + int(fields[12]) / tick)
        return used

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def print_table(what, programs):
    pages, characters = programs[0].rounds[0][:2]
    yardstick = programs[-1]
    print(f"\n{what}: {pages} pages a round, {characters / pages:.0f} characters a page\n")
    print(f"| scraper | pages/s | CPU ms/page | least … most | speed / {yardstick.name} | CPU / {yardstick.name} |")
    print("|---|---:|---:|---:|---:|---:|")
    for program in programs:
        each = [r.cpu / r.pages * 1000 for r in program.rounds]
        print(
            f"| {program.name} | {program.speed():.0f} | {program.cost():.3f} | {min(each):.3f} … {max(each):.3f} "
            f"| {program.speed() / yardstick.speed():.2f} | {program.cost() / yardstick.cost():.2f} |"
        )


def print_threads(program, before):
    pages = sum(r.pages for r in program.rounds)
    for thread, (user, kernel) in sorted(program.cpu_by_thread().items(), key=lambda item: -sum(item[1])):
        user_before, kernel_before = before.get(thread, (0.0, 0.0))
        user, kernel = (user - user_before) / pages * 1000, (kernel - kernel_before) / pages * 1000
        if user + kernel > 0:
            print(f"  {program.name:12} {thread:16} {user:7.3f} ms/page in user mode, {kernel:7.3f} in the kernel")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", help="the title of the table")
    parser.add_argument("commands", nargs="+", metavar="NAME=COMMAND")
    parser.add_argument("--warmup", type=int, required=True, metavar="ROUNDS")
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--verbose", action="store_true", help="each round, and where the CPU went by thread")
    arguments = parser.parse_args()

    programs = [Program(*command.split("=", 1)) for command in arguments.commands]
    for _ in range(arguments.warmup):
        for program in programs:
            program.round()
    before = {program.name: program.cpu_by_thread() for program in programs}
    for number in range(arguments.rounds):
        for program in programs:
            program.rounds.append(program.round())
            if arguments.verbose:
                last = program.rounds[-1]
                print(f"  round {number + 1:2} {program.name:12} {last.seconds:7.3f} s, {last.cpu:7.3f} s CPU", flush=True)
    if len({r[:2] for program in programs for r in program.rounds}) != 1:
        sys.exit(f"{arguments.what}: the programs saw different pages")
    print_table(arguments.what, programs)
    if arguments.verbose:
        print()
        for program in programs:
            print_threads(program, before[program.name])
    for program in programs:
        program.close()


main()
