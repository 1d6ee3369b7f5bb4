package dev.rondo.reactor;

/**
 * A stream that hears at once that it is to be closed: by the time {@link Fd#close}, or the close of the driver,
 * returns. The thread that then closes it may come much later, or never, if the program ends.
 */
public interface HearsOfClose {

    /** Called on the loop thread, before a thread is asked to close the stream. Must not block, nor throw. */
    void closeBegins();
}
