"""The operations of CoreOps.java with asyncio, for core.sh.

Usage: core_asyncio.py asyncio|uvloop                  rounds, as Rounds.java does them
       core_asyncio.py asyncio|uvloop COUNT SECONDS    what MillionSleepers.java does
"""

import asyncio
import gc
import random
import sys
import time

ALIVE = 1_000
OUTSTANDING = 100_000
TIMERS_PER_TURN = 1_000
RANDOM_NUMBERS = 1 << 16

timers = []
timers_to_cancel = random.Random(1).choices(range(OUTSTANDING), k=RANDOM_NUMBERS)


async def switches(count):
    ping = asyncio.create_task(yields(count // 2))
    pong = asyncio.create_task(yields(count // 2))
    return await ping + await pong


async def yields(count):
    done = 0
    while done < count:
        await asyncio.sleep(0)
        done += 1
    return done


async def switches_beside_socket(count):
    async def unexpected(reader, writer):
        sys.exit("somebody connected")

    async with await asyncio.start_server(unexpected, "127.0.0.1", 0):
        return await switches(count)


async def spawns(count):
    done = 0
    while done < count:
        tasks = [asyncio.create_task(asyncio.sleep(0)) for _ in range(ALIVE)]
        for task in tasks:
            await task
            done += 1
    return done


async def callbacks(count):
    loop = asyncio.get_running_loop()
    end = loop.create_future()
    done = 0

    def chain():
        nonlocal done
        done += 1
        if done == count:
            end.set_result(done)
        else:
            loop.call_soon(chain)

    loop.call_soon(chain)
    return await end


async def newest_timers(count):
    loop = asyncio.get_running_loop()
    make_timers(loop)
    done = 0
    while done < count:
        loop.call_later(3600, nothing).cancel()
        done += 1
        if done % TIMERS_PER_TURN == 0:
            await asyncio.sleep(0)
    return done


async def random_timers(count):
    loop = asyncio.get_running_loop()
    make_timers(loop)
    done = 0
    while done < count:
        which = timers_to_cancel[done % RANDOM_NUMBERS]
        timers[which].cancel()
        timers[which] = loop.call_later(3600, nothing)
        done += 1
        if done % TIMERS_PER_TURN == 0:
            await asyncio.sleep(0)
    return done


def make_timers(loop):
    while len(timers) < OUTSTANDING:
        timers.append(loop.call_later(3600, nothing))


def nothing():
    pass


async def hand_offs(count):
    queue = asyncio.Queue(1)

    async def produce():
        for _ in range(count):
            await queue.put(1)

    producer = asyncio.create_task(produce())
    done = 0
    while done < count:
        done += await queue.get()
    await producer
    return done


async def sleeps(count):
    return len(await asyncio.gather(*[asyncio.sleep(0.001) for _ in range(count)]))


OPERATIONS = {
    "switch": switches,
    "switch-io": switches_beside_socket,
    "spawn": spawns,
    "callSoon": callbacks,
    "timer-newest": newest_timers,
    "timer-random": random_timers,
    "queue": hand_offs,
    "sleeps": sleeps,
}


def serve(loop):
    for line in sys.stdin:
        operation, count = line.split()
        start = time.perf_counter_ns()
        done = loop.run_until_complete(OPERATIONS[operation](int(count)))
        print(done, time.perf_counter_ns() - start, flush=True)


async def million_sleepers(count, seconds):
    loop = asyncio.get_running_loop()
    wake = loop.time() + seconds
    asleep = woken = 0

    async def sleep_until_then():
        nonlocal asleep, woken
        asleep += 1
        await asyncio.sleep(wake - loop.time())
        woken += 1

    tasks = [asyncio.create_task(sleep_until_then()) for _ in range(count)]
    await asyncio.sleep(0)
    gc.collect()
    if asleep < count or woken or loop.time() > wake:
        print(0, 0, 0, 0, flush=True)
        sys.stdin.readline()
    cpu = time.process_time_ns()
    await asyncio.gather(*tasks)
    print(woken, int((loop.time() - wake) * 1e9), time.process_time_ns() - cpu, 0, flush=True)


def main():
    kind, *arguments = sys.argv[1:]
    if kind == "uvloop":
        import uvloop

        loop = uvloop.new_event_loop()
    else:
        loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    if arguments:
        count, seconds = map(int, arguments)
        loop.run_until_complete(million_sleepers(count, seconds))
        sys.stdin.readline()
    else:
        serve(loop)


main()
