package dev.rondo.net;

import org.jspecify.annotations.Nullable;

/**
 * What moves bytes or datagrams between the system and a protocol. Belongs to one loop: coroutines and callbacks of
 * that loop may call it; nothing here suspends. (asyncio: {@code BaseTransport}.)
 */
public interface BaseTransport {

    /**
     * Closes: nothing is read any more, what waits to be sent is still sent, and then the protocol is told
     * {@link BaseProtocol#connectionLost connectionLost(null)}. Idempotent.
     */
    void close();

    /** Closes at once: what waits to be sent is dropped. The protocol is told in the next turn. Idempotent. */
    void abort();

    /** Returns whether it is closed, or about to be. (asyncio: {@code is_closing}.) */
    boolean isClosing();

    /** Returns the protocol that is told. (asyncio: {@code get_protocol}.) */
    BaseProtocol<?> getProtocol();

    /**
     * Returns something about this transport by asyncio's name for it, null where it has none of that name. The typed
     * methods of the transports say the same. (asyncio: {@code get_extra_info}.)
     *
     * @param name {@code peername}, {@code sockname}, {@code socket}; over TLS {@code sslcontext}, {@code ssl_object},
     *     {@code peercert}, {@code cipher}; {@code pipe}; {@code subprocess}
     */
    @Nullable Object getExtraInfo(String name);
}
