package dev.rondo.net;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * How to speak TLS on one connection, beside what the {@link javax.net.ssl.SSLContext} says for all. In asyncio: the
 * keyword arguments {@code server_hostname} and {@code ssl_…_timeout}; what asyncio keeps in its context (protocols to
 * agree on, certificates of clients) is here as well, since Java's context does not hold it.
 *
 * @param handshakeTimeout how long the handshake may take; positive. 60 seconds by default. In asyncio:
 *     {@code ssl_handshake_timeout}
 * @param shutdownTimeout how long {@link TlsStream#shutdown} may take; positive. 30 seconds by default. In asyncio:
 *     {@code ssl_shutdown_timeout}
 * @param applicationProtocols the protocols to agree on one of (ALPN), {@code "h2"} say, those liked best first; none
 *     by default. A server that shares none with a client that has some refuses it
 * @param serverName for a client: who the server must be. This name is sent to it (SNI), and its certificate must be
 *     valid for it. Null, the default, for the host that is connected to; empty to send no name and to <em>take any
 *     host's certificate</em>, if it is to be trusted otherwise. Servers do without. In asyncio:
 *     {@code server_hostname}
 * @param clientAuth for a server: whether clients must have a certificate. Clients do without
 * @param parameters is given what Java calls the parameters of the connection, to change what else there is, last of
 *     all; nothing by default
 */
public record TlsOptions(
        Duration handshakeTimeout,
        Duration shutdownTimeout,
        List<String> applicationProtocols,
        @Nullable String serverName,
        ClientAuth clientAuth,
        Consumer<SSLParameters> parameters) {

    /** Whether a server asks its clients for certificates. */
    public enum ClientAuth {
        /** Does not ask. */
        NONE,
        /** Asks, and takes clients without one; but not those with one that it does not trust. */
        WANT,
        /** Refuses clients without one. */
        NEED
    }

    private static final int LONGEST_PROTOCOL = 255; // its length is one byte

    /** As asyncio's: 60 and 30 seconds, the name of the host, no ALPN, no certificates of clients. */
    public static final TlsOptions DEFAULT =
            new TlsOptions(Duration.ofSeconds(60), Duration.ofSeconds(30), List.of(), null, ClientAuth.NONE, _ -> {});

    /** Checks that the times are positive, and that the protocols have names. */
    public TlsOptions {
        ensurePositive("handshakeTimeout", handshakeTimeout);
        ensurePositive("shutdownTimeout", shutdownTimeout);
        applicationProtocols = List.copyOf(applicationProtocols);
        for (String protocol : applicationProtocols) {
            if (protocol.isEmpty() || protocol.length() > LONGEST_PROTOCOL) {
                throw new IllegalArgumentException("the name of a protocol must have 1 to " + LONGEST_PROTOCOL
                        + " characters, not " + protocol.length() + ": \"" + protocol + "\"");
            }
        }
        Objects.requireNonNull(clientAuth, "clientAuth");
        Objects.requireNonNull(parameters, "parameters");
    }

    private static void ensurePositive(String name, Duration time) {
        if (!time.isPositive()) {
            throw new IllegalArgumentException(name + " must be positive, not " + time);
        }
    }

    /** Returns a copy with another limit for the handshake; positive. */
    public TlsOptions withHandshakeTimeout(Duration timeout) {
        return new TlsOptions(timeout, shutdownTimeout, applicationProtocols, serverName, clientAuth, parameters);
    }

    /** Returns a copy with another limit for the shutdown; positive. */
    public TlsOptions withShutdownTimeout(Duration timeout) {
        return new TlsOptions(handshakeTimeout, timeout, applicationProtocols, serverName, clientAuth, parameters);
    }

    /** Returns a copy that agrees on one of these protocols (ALPN), those liked best first; none for no ALPN. */
    public TlsOptions withApplicationProtocols(String... protocols) {
        return new TlsOptions(
                handshakeTimeout, shutdownTimeout, List.of(protocols), serverName, clientAuth, parameters);
    }

    /** Returns a copy for a server of this name; null for the host connected to, empty for whoever it is. */
    public TlsOptions withServerName(@Nullable String name) {
        return new TlsOptions(handshakeTimeout, shutdownTimeout, applicationProtocols, name, clientAuth, parameters);
    }

    /** Returns a copy for a server that asks, or does not ask, its clients for certificates. */
    public TlsOptions withClientAuth(ClientAuth certificates) {
        return new TlsOptions(
                handshakeTimeout, shutdownTimeout, applicationProtocols, serverName, certificates, parameters);
    }

    /** Returns a copy that has {@code change} change the parameters of each connection, after all else is set. */
    public TlsOptions withParameters(Consumer<SSLParameters> change) {
        return new TlsOptions(handshakeTimeout, shutdownTimeout, applicationProtocols, serverName, clientAuth, change);
    }
}
