package dev.rondo;

import java.time.Duration;

/** A callback that is scheduled for a time. Ordered by that time. Stands for {@code asyncio.TimerHandle}. */
public sealed interface TimerHandle extends Handle, Comparable<TimerHandle> permits TimerCallbackHandle {

    /** Returns when the callback is due, in the loop's {@link EventLoop#time time}. */
    Duration when();

    @Override
    default int compareTo(TimerHandle other) {
        return when().compareTo(other.when());
    }
}
