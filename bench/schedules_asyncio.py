"""What Schedules.java does, with asyncio: for schedules.sh.

Usage: schedules_asyncio.py ROUNDS
"""

import asyncio
import sys
import time

SCHEDULES = 10_000
SLEEPERS = 1_000
SLEEPS = 100_000


class JumpingLoop(asyncio.SelectorEventLoop):
    """Virtual time, as test helpers for asyncio do it: where the loop would wait, its clock jumps."""

    def __init__(self):
        super().__init__()
        self.now = 0.0
        select = self._selector.select

        def jump(timeout):
            events = select(0)
            if not events and timeout:
                self.now += timeout
            return events

        self._selector.select = jump

    def time(self):
        return self.now


async def three_steps():
    for _ in range(3):
        await asyncio.sleep(0)


async def three_coroutines():
    tasks = [asyncio.create_task(three_steps()) for _ in range(3)]
    for task in tasks:
        await task


async def sleep_often():
    for _ in range(SLEEPS // SLEEPERS):
        await asyncio.sleep(3600)


async def sleeps():
    await asyncio.gather(*(sleep_often() for _ in range(SLEEPERS)))


def run(main):
    loop = JumpingLoop()
    try:
        loop.run_until_complete(main)
    finally:
        loop.close()


def timed(operation, count, work):
    begin = time.perf_counter()
    work()
    print(f"{operation} {count} {time.perf_counter() - begin:.6f}", flush=True)


def loops():
    for _ in range(SCHEDULES):
        run(three_coroutines())


for _ in range(int(sys.argv[1])):
    timed("loop", SCHEDULES, loops)
    timed("sleeps", SLEEPS, lambda: run(sleeps()))
