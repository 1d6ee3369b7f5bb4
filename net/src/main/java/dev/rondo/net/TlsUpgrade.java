package dev.rondo.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import javax.net.ssl.SSLContext;

/**
 * Puts TLS under a reader and a writer that have spoken plainly so far, as SMTP's {@code STARTTLS} asks for.
 *
 * <p>The peer may begin at once: then the first bytes of its TLS came together with its last plain ones, and wait in
 * the reader's buffer. They are TLS's, on either side. Bytes that are not TLS, put there by somebody in between who
 * hopes that they will pass for text that came over TLS, make the handshake fail.
 */
final class TlsUpgrade {

    private final StreamReader reader;
    private final boolean server;

    TlsUpgrade(StreamReader reader, boolean server) {
        this.reader = reader;
        this.server = server;
    }

    /**
     * Shakes hands, and has the reader go on over TLS. Closes {@code plain} if that fails. Nobody may write meanwhile.
     */
    TlsStream start(ByteStream plain, SSLContext context, TlsOptions options) throws IOException {
        String name = options.serverName();
        if (!server && name == null) {
            throw new IllegalArgumentException(
                    "startTls as a client must know which host the certificate has to be valid"
                            + " for: TlsOptions.DEFAULT.withServerName(\"…\"); or \"\" to take any host's");
        }
        ByteBuffer early = ByteBuffer.wrap(reader.beginReplacing());
        ByteStream next = plain;
        IOException failure = new AsynchronousCloseException(); // of who was cancelled
        try {
            TlsStream tls = server
                    ? TlsHandshake.server(plain, early, context, options)
                    : TlsHandshake.client(plain, early, context, "", port(plain), options);
            next = tls;
            return tls;
        } catch (IOException e) {
            failure = e;
            throw e;
        } finally {
            reader.endReplacing(next);
            if (next == plain) {
                reader.fail(failure); // what the peer has sent is no end of the stream in order
            }
        }
    }

    private static int port(ByteStream stream) {
        return stream.remoteAddress() instanceof InetSocketAddress address ? address.getPort() : -1;
    }
}
