/**
 * Rondo's core: the event loop, coroutines and tasks, and what composes them. Begin at {@link dev.rondo.Asyncio}.
 *
 * <pre>
 *   Asyncio                                what user code calls: run, createTask, gather, sleep, timeout …
 *   Awaitable ◁── Promise, Task            what can be awaited
 *   Strand ── Wait                         the waist: park a line of execution on a wait, wake it
 *   EventLoop                              a reactor (when) that runs fibers (how) on one thread
 * </pre>
 *
 * <p>Everything here belongs to the thread of one loop, unless it says otherwise.
 */
@NullMarked
package dev.rondo;

import org.jspecify.annotations.NullMarked;
