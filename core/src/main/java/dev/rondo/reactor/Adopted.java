package dev.rondo.reactor;

import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** The channels of others that the {@link NioDriver} has in charge. Loop thread only. */
final class Adopted {

    private final Map<SelectableChannel, NioChannel> channels = new IdentityHashMap<>();

    /** Takes charge of a channel, as {@link IoDriver#adopt} says. */
    NioChannel add(NioDriver driver, SelectableChannel channel) {
        if (channels.containsKey(channel)) {
            throw new IllegalStateException("the channel is in use by this loop already: " + channel);
        }
        if (channel.isBlocking()) {
            throw new IllegalArgumentException(
                    "the channel must be non-blocking: call configureBlocking(false) on " + channel);
        }
        if (channel.provider() != SelectorProvider.provider()) {
            throw new IllegalArgumentException("the channel is of another provider than this system's: " + channel);
        }
        NioChannel fd = switch (channel) {
            case SocketChannel stream -> new NioStream(driver, stream);
            case ServerSocketChannel listener -> new NioListener(driver, listener);
            case DatagramChannel datagrams -> new NioDatagrams(driver, datagrams);
            case Pipe.SourceChannel source -> new NioPipe(driver, source);
            case Pipe.SinkChannel sink -> new NioPipe(driver, sink);
            default -> throw new IllegalArgumentException("a channel of unknown kind: " + channel);
        };
        channels.put(channel, fd);
        return fd;
    }

    boolean contains(SelectableChannel channel) {
        return channels.containsKey(channel);
    }

    boolean isEmpty() {
        return channels.isEmpty();
    }

    /** Ends what is in flight on channels that their owners have closed. */
    void endClosed() {
        List.copyOf(channels.values()).forEach(NioChannel::endIfClosed);
    }

    void remove(SelectableChannel channel) {
        channels.remove(channel);
    }
}
