/**
 * <em>When</em> things run: the turn, the ready queue, timers, what other threads post, and the seam to the operating
 * system. Knows nothing of tasks or of how code is suspended: all it runs are {@link java.lang.Runnable}s.
 *
 * <pre>
 *   other threads ──▶ Inbox ─┐
 *   IoDriver ── completions ─┼──▶ ReadyQueue ──▶ Reactor.turn() runs each once, in order
 *   TimerHeap ── due timers ─┘
 * </pre>
 */
@NullMarked
package dev.rondo.reactor;

import org.jspecify.annotations.NullMarked;
