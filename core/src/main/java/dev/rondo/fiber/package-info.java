/**
 * <em>How</em> code is suspended and resumed: a {@link dev.rondo.fiber.Fiber} is a virtual thread that runs only when
 * its owner says so, on the thread its owner says. Knows no loop, no queue and no task.
 *
 * <p>{@link dev.rondo.fiber.VirtualThreads} is the one class that knows how such a thread is made on this JDK.
 */
@NullMarked
package dev.rondo.fiber;

import org.jspecify.annotations.NullMarked;
