package dev.rondo;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link Strand} can be parked on: the half of the waist that a primitive implements. The other half is
 * {@link Strand#park} and {@link Strand#wakeUp}.
 */
abstract class Wait {

    /**
     * Asks for the wait to end because the strand's task was cancelled. Never called once the strand has been woken.
     *
     * @return true if the strand will be woken because of this, or has been; false if the wait cannot be ended: the
     *     cancel is then delivered when the strand runs next
     */
    abstract boolean abort(@Nullable String message);

    /** Forgets the strand, which could not be suspended or will never run on this loop again. */
    abstract void abandon(Strand strand);
}
