"""Says in which methods a JVM spent its CPU time. Called by scrape-vs-aiohttp.sh and core.sh with --profile.

Usage: jfr print --json --events jdk.CPUTimeSample --stack-depth 64 RECORDING | hot_methods.py

Looks at the second half of the recording, when everything is compiled. Prints three tables of the share of the samples: by the
method that ran; by the innermost method of ours, so that what the JDK did on its behalf counts for it; and by every method of
ours on the stack, so that what it called counts for it.
"""

import collections
import json
import sys


def name(frame):
    method = frame["method"]
    return method["type"]["name"].replace("/", ".") + "." + method["name"]


def print_table(what, counts, total, rows):
    print(f"\n  {what}")
    for method, count in counts.most_common(rows):
        print(f"  {100 * count / total:5.1f} %  {method}")


def main():
    samples = []
    for event in json.load(sys.stdin)["recording"]["events"]:
        values = event["values"]
        if values["stackTrace"]:
            samples.append((values["startTime"], [name(frame) for frame in values["stackTrace"]["frames"]]))
    samples.sort(key=lambda sample: sample[0])
    stacks = [stack for _, stack in samples[len(samples) // 2 :]]
    if not stacks:
        sys.exit("no samples")

    running, ours, reaching = collections.Counter(), collections.Counter(), collections.Counter()
    for stack in stacks:
        running[stack[0]] += 1
        own = [method for method in stack if method.startswith("dev.rondo.")]
        ours[own[0] if own else "(none of ours)"] += 1
        reaching.update(set(own))
    print(f"\n  {len(stacks)} samples")
    print_table("by the method that ran", running, len(stacks), 30)
    print_table("by the innermost method of ours", ours, len(stacks), 30)
    print_table("by every method of ours on the stack", reaching, len(stacks), 40)


main()
