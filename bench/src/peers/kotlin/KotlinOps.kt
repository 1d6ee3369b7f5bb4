@file:OptIn(ExperimentalCoroutinesApi::class, DelicateCoroutinesApi::class)

package dev.rondo.bench.core

import com.sun.management.OperatingSystemMXBean
import java.lang.management.ManagementFactory
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.coroutineContext
import kotlin.system.exitProcess
import kotlinx.coroutines.*
import kotlinx.coroutines.channels.Channel

private const val ALIVE = 1_000

/**
 * The operations of `CoreOps` with kotlinx.coroutines, for core.sh.
 *
 * Arguments: `blocking` for the event loop of `runBlocking`, or `single` for a thread of `newSingleThreadContext`. Then nothing
 * more, to do rounds as `Rounds` does; or two numbers, to do what `MillionSleepers` does.
 */
fun main(args: Array<String>) {
    when (args[0]) {
        "blocking" -> runBlocking { program(args) }
        "single" -> newSingleThreadContext("loop").use { loop -> runBlocking(loop) { program(args) } }
        else -> exitProcess(2)
    }
}

private suspend fun program(args: Array<String>) {
    if (args.size == 1) {
        serve()
    } else {
        KotlinSleepers(args[2].toLong()).run(args[1].toInt())
    }
}

private suspend fun serve() {
    while (true) {
        val (operation, count) = readlnOrNull()?.split(" ") ?: return
        val start = System.nanoTime()
        val done = run(operation, count.toInt())
        println("$done ${System.nanoTime() - start}")
    }
}

private suspend fun run(operation: String, count: Int): Int =
    when (operation) {
        "switch" -> switches(count)
        "spawn" -> spawns(count)
        "callSoon" -> callbacks(count)
        "queue" -> handOffs(count)
        "sleeps" -> sleeps(count)
        else -> throw IllegalArgumentException("no such operation: $operation")
    }

private suspend fun switches(count: Int): Int = coroutineScope {
    val ping = async { yields(count / 2) }
    val pong = async { yields(count / 2) }
    ping.await() + pong.await()
}

private suspend fun yields(count: Int): Int {
    var done = 0
    while (done < count) {
        yield()
        done++
    }
    return done
}

private suspend fun spawns(count: Int): Int = coroutineScope {
    val jobs = ArrayList<Job>(ALIVE)
    var done = 0
    while (done < count) {
        repeat(ALIVE) { jobs.add(launch { yield() }) }
        for (job in jobs) {
            job.join()
            done++
        }
        jobs.clear()
    }
    done
}

/** Kotlin has no callbacks; this is how its coroutines get into the loop's queue. */
private suspend fun callbacks(count: Int): Int {
    val loop = coroutineContext[ContinuationInterceptor] as CoroutineDispatcher
    val end = CompletableDeferred<Int>()
    val chain = object : Runnable {
        var done = 0

        override fun run() {
            if (++done == count) {
                end.complete(done)
            } else {
                loop.dispatch(EmptyCoroutineContext, this)
            }
        }
    }
    loop.dispatch(EmptyCoroutineContext, chain)
    return end.await()
}

private suspend fun handOffs(count: Int): Int = coroutineScope {
    val queue = Channel<Int>(1)
    launch { repeat(count) { queue.send(1) } }
    var done = 0
    while (done < count) {
        done += queue.receive()
    }
    done
}

private suspend fun sleeps(count: Int): Int = coroutineScope { List(count) { async { delay(1) } }.awaitAll().size }

private class KotlinSleepers(delaySeconds: Long) {
    private val wakeNanos = System.nanoTime() + delaySeconds * 1_000_000_000
    private var asleep = 0
    private var woken = 0

    suspend fun run(count: Int) = coroutineScope {
        val sleepers = List(count) { async { sleepUntilThen() } }
        yield()
        val heapBytes = usedHeap()
        if (asleep < count || woken > 0 || System.nanoTime() > wakeNanos) {
            println("0 0 0 0")
            readlnOrNull()
        }
        val cpuNanos = processCpuNanos()
        sleepers.awaitAll()
        val nanos = System.nanoTime() - wakeNanos
        println("$woken $nanos ${processCpuNanos() - cpuNanos} $heapBytes")
        readlnOrNull()
    }

    private suspend fun sleepUntilThen() {
        asleep++
        delay((wakeNanos - System.nanoTime()) / 1_000_000)
        woken++
    }

    private fun processCpuNanos(): Long =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean::class.java).processCpuTime

    private fun usedHeap(): Long {
        System.gc()
        return ManagementFactory.getMemoryMXBean().heapMemoryUsage.used
    }
}
