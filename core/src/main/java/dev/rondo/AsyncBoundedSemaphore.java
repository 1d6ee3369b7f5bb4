package dev.rondo;

/**
 * A semaphore that cannot be released above its initial value, which would be a mistake in most programs. Stands for
 * {@code asyncio.BoundedSemaphore}.
 */
public final class AsyncBoundedSemaphore extends AsyncSemaphore {

    private final int bound;

    /** Makes a semaphore with one to take. */
    public AsyncBoundedSemaphore() {
        this(1);
    }

    /**
     * Makes a semaphore.
     *
     * @param value how many may acquire it before the next has to wait; never more than that are there to take
     * @throws IllegalArgumentException if {@code value} is negative
     */
    public AsyncBoundedSemaphore(int value) {
        super(value);
        bound = value;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException if as many are there to take as in the beginning
     */
    @Override
    public void release() {
        checkThread();
        if (free() >= bound) {
            throw new IllegalArgumentException("BoundedSemaphore released too many times: all " + bound
                    + " are there already, so each acquire has had its release");
        }
        super.release();
    }
}
