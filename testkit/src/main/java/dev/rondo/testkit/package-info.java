/**
 * Tests that take over what chance decides: which coroutine goes first, what a tie of timers comes to, how time passes.
 * A schedule that breaks a program is searched for, printed, shrunk and replayed.
 */
@NullMarked
package dev.rondo.testkit;

import org.jspecify.annotations.NullMarked;
