package dev.rondo.reactor;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the {@link NioDriver} has open; what is said here goes for what is no socket. Loop thread only. */
sealed interface NioFd extends Fd permits NioChannel, NioFile, BlockingStream {

    static NioFd of(Fd fd, NioDriver driver) {
        if (fd instanceof NioFd own && own.driver() == driver) {
            return own;
        }
        throw new IllegalArgumentException("not a descriptor of this driver: " + fd);
    }

    /** Returns whose it is. */
    NioDriver driver();

    /** Begins an operation; returns whether it is over at once. */
    boolean submit(Op.OnFd op);

    /** Takes an operation back; returns whether that worked: if not, it ends later by itself. */
    boolean forget(Op.OnFd op);

    /** Lets go of what the system holds: now, or, where that may block, by another thread. Wakes nobody. */
    void closeNow();

    @Override
    default @Nullable SocketAddress localAddress() {
        return null;
    }

    @Override
    default @Nullable SocketAddress remoteAddress() {
        return null;
    }

    @Override
    default Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    default <T> void setOption(SocketOption<T> option, T value) throws IOException {
        throw new UnsupportedOperationException(this + " has no socket option " + option.name());
    }

    @Override
    default <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
        throw new UnsupportedOperationException(this + " has no socket option " + option.name());
    }

    @Override
    default void bind(SocketAddress address, int backlog) throws IOException {
        throw new IOException(this + " is no socket that could be bound to " + address);
    }

    @Override
    default void shutdownOutput() throws IOException {
        throw new IOException(this + " has no sending direction to shut down");
    }

    @Override
    default void release() {
        throw new IllegalStateException(this + " was opened by the driver: there is nobody to give it back to");
    }

    /** Returns the error of an operation that the descriptor does not know. */
    default IllegalArgumentException cannot(Op op) {
        return new IllegalArgumentException(
                this + " cannot do this operation: " + op.getClass().getSimpleName());
    }

    static IOException asIOException(String what, Throwable failure) {
        return failure instanceof IOException e ? e : new IOException(what + ": " + failure, failure);
    }
}
