"""Crawls one site by several programs in turn, and compares each with the first. Called by crawl.sh.

Usage: crawl.py --rounds N --warmup N NAME KIND COMMAND [NAME KIND COMMAND]...

KIND is "rounds" for a program that crawls once for each line on its standard input, and answers: pages links seconds; "once"
for one that is started for each round, and prints the number of pages last; "log" for one that prints none: then it is the
number of lines that nginx wrote meanwhile with status 200. What is started for each round is timed from start to end.
"""

import argparse
import shlex
import statistics
import subprocess
import time


class Program:
    def __init__(self, name, kind, command, log):
        self.name, self.kind, self.command, self.log = name, kind, shlex.split(command), log
        self.speeds, self.pages = [], 0
        if kind == "rounds":
            self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def round(self):
        if self.kind == "rounds":
            self.process.stdin.write("\n")
            self.process.stdin.flush()
            pages, _, seconds = self.process.stdout.readline().split()
            self.pages, seconds = int(pages), float(seconds)
        else:
            before = self.logged()
            start = time.perf_counter()
            done = subprocess.run(self.command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
            seconds = time.perf_counter() - start
            self.pages = int(done.stdout.split()[-1]) if self.kind == "once" else self.logged() - before
        return self.pages / seconds

    def logged(self):
        with open(self.log, encoding="utf-8") as lines:
            return sum(1 for line in lines if " 200 " in line)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--warmup", type=int, required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("programs", nargs="+")
    arguments = parser.parse_args()
    words = arguments.programs
    programs = [Program(*words[i : i + 3], arguments.log) for i in range(0, len(words), 3)]
    for i in range(arguments.warmup + arguments.rounds):
        for program in programs:
            if program.kind == "rounds" or i >= arguments.warmup:
                speed = program.round()
                if i >= arguments.warmup:
                    program.speeds.append(speed)
    ours = statistics.median(programs[0].speeds)
    for program in programs:
        speed = statistics.median(program.speeds)
        low, high = min(program.speeds), max(program.speeds)
        print(f"  {program.name:15} {program.pages:6} pages  {speed:7.0f} a second ({low:.0f} to {high:.0f})  rondo ×{ours / speed:.2f}")


main()
