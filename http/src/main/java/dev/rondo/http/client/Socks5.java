package dev.rondo.http.client;

import dev.rondo.http.ProxyException;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Net;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Asks a SOCKS proxy for a way to a server (RFC 1928, RFC 1929). Reads no byte too many: what follows is the server's.
 *
 * <pre>
 *   greeting ─▶ choice ─▶ [user, password ─▶ word] ─▶ request ─▶ reply ─▶ the stream leads to the server
 * </pre>
 */
final class Socks5 {

    private static final int VERSION = 5;
    private static final int NOBODY = 0;
    private static final int PASSWORD = 2;
    private static final int PASSWORD_VERSION = 1;
    private static final int CONNECT = 1;
    private static final int IPV4 = 1;
    private static final int NAME = 3;
    private static final int IPV6 = 4;
    private static final int MAX_NAME = 255;

    private static final String[] REPLIES = {
        "succeeded",
        "general failure of the proxy",
        "not allowed by its rules",
        "network unreachable",
        "host unreachable",
        "connection refused",
        "time to live expired",
        "command not supported",
        "kind of address not supported"
    };

    private final ByteStream stream;
    private final Proxy proxy;

    private Socks5(ByteStream stream, Proxy proxy) {
        this.stream = stream;
        this.proxy = proxy;
    }

    /**
     * Asks for a way. Suspends; after a failure or a cancel the stream is only good to be closed.
     *
     * @param stream to the proxy
     * @throws ProxyException if the proxy refuses, or is none
     * @throws IOException if the connection broke, or the host has no address, for those looked up here
     */
    static void connect(ByteStream stream, Proxy proxy, String host, int port) throws IOException {
        byte[] target = target(proxy, host); // before anything is sent
        var socks = new Socks5(stream, proxy);
        socks.introduce();
        socks.request(target, host, port);
    }

    private static byte[] target(Proxy proxy, String host) throws IOException {
        InetAddress address = ProxyVariables.address(host);
        if (address == null && proxy.kind() == Proxy.Kind.SOCKS5) {
            address = Net.resolver().resolve(host).getFirst();
        }
        if (address != null) {
            byte[] bytes = address.getAddress();
            return joined(bytes.length == 4 ? IPV4 : IPV6, bytes);
        }
        byte[] name = host.getBytes(StandardCharsets.US_ASCII);
        if (name.length > MAX_NAME) {
            throw new ProxyException("a host's name of " + name.length + " bytes: SOCKS takes " + MAX_NAME, null);
        }
        return joined(NAME, withLength(name));
    }

    private static byte[] joined(int first, byte[] rest) {
        return ByteBuffer.allocate(1 + rest.length).put((byte) first).put(rest).array();
    }

    private static byte[] withLength(byte[] bytes) {
        return joined(bytes.length, bytes);
    }

    // ------------------------------------------------------------------------------------------------ who we are

    private void introduce() throws IOException {
        String user = proxy.user();
        String password = proxy.password();
        write(user == null ? new byte[] {VERSION, 1, NOBODY} : new byte[] {VERSION, 2, NOBODY, PASSWORD});
        ByteBuffer choice = read(2);
        ensureVersion(choice.get());
        int method = choice.get();
        if (method == PASSWORD && user != null && password != null) {
            authenticate(user, password);
        } else if (method != NOBODY) {
            throw failure(
                    user == null
                            ? "it wants to know who asks: give it a user and a password"
                            : "it takes no users with passwords");
        }
    }

    private void authenticate(String user, String password) throws IOException {
        byte[] name = withLength(user.getBytes(StandardCharsets.UTF_8));
        byte[] secret = withLength(password.getBytes(StandardCharsets.UTF_8));
        write(ByteBuffer.allocate(1 + name.length + secret.length)
                .put((byte) PASSWORD_VERSION)
                .put(name)
                .put(secret)
                .array());
        if (read(2).get(1) != 0) {
            throw failure("user or password are wrong");
        }
    }

    // ------------------------------------------------------------------------------------------------ where to

    private void request(byte[] target, String host, int port) throws IOException {
        write(ByteBuffer.allocate(3 + target.length + 2)
                .put((byte) VERSION)
                .put((byte) CONNECT)
                .put((byte) 0)
                .put(target)
                .putShort((short) port)
                .array());
        ByteBuffer reply = read(4);
        ensureVersion(reply.get());
        int code = Byte.toUnsignedInt(reply.get());
        if (code != 0) {
            throw failure("no way to " + host + ":" + port + ": "
                    + (code < REPLIES.length ? REPLIES[code] : "reply " + code));
        }
        reply.get();
        int kind = reply.get();
        int length = switch (kind) {
            case IPV4 -> 4;
            case IPV6 -> 16;
            case NAME -> Byte.toUnsignedInt(read(1).get());
            default -> throw failure("its reply has an address of kind " + kind);
        };
        read(length + 2); // where it connects from: of no use here
    }

    // ------------------------------------------------------------------------------------------------ bytes

    private void write(byte[] bytes) throws IOException {
        stream.write(ByteBuffer.wrap(bytes));
    }

    private ByteBuffer read(int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count);
        while (bytes.hasRemaining()) {
            if (stream.read(bytes) < 0) {
                throw failure("it closed the connection in the middle of its answer");
            }
        }
        return bytes.flip();
    }

    private void ensureVersion(byte version) throws ProxyException {
        if (version != VERSION) {
            throw failure("what answers is no SOCKS 5");
        }
    }

    private ProxyException failure(String reason) {
        return new ProxyException("proxy " + proxy + ": " + reason, null);
    }
}
