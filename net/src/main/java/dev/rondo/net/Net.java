package dev.rondo.net;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * Connections, listeners, servers, processes and pipes, for the loop of the calling coroutine. Made for {@code import
 * static}.
 *
 * <p>All that suspends can be cancelled and then leaves no socket open.
 */
public final class Net {

    /** How many connections the system keeps for a listener that has not accepted them yet; asyncio's figure. */
    public static final int DEFAULT_BACKLOG = 100;

    private Net() {}

    // ------------------------------------------------------------------------------------------------ as a client

    /**
     * Connects to a host: looks up its addresses and takes the first that answers, as {@link ConnectOptions#DEFAULT}
     * says. Suspends. (asyncio: {@code create_connection}.)
     *
     * @param host a name, or an address ({@code "127.0.0.1"}, {@code "::1"}, {@code "[::1]"}, {@code "fe80::1%eth0"})
     * @param port 1 to 65535
     * @throws java.net.UnknownHostException if the name has no address
     * @throws java.net.ConnectException if no address answered; each address's failure is a suppressed exception
     */
    public static ByteStream connectTcp(String host, int port) throws IOException {
        return connectTcp(host, port, ConnectOptions.DEFAULT);
    }

    /** Connects as {@link #connectTcp(String, int)} does, with options. */
    public static ByteStream connectTcp(String host, int port, ConnectOptions options) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return new SocketStream(loop, Connecting.connect(loop, host, port, options));
    }

    /**
     * Connects to a host with TLS; the certificate must be valid for {@code host}. Suspends. (asyncio:
     * {@code create_connection(ssl=…)}.)
     *
     * @throws javax.net.ssl.SSLException if the handshake fails: the certificate is not trusted, or is not the host's
     * @throws IOException as {@link #connectTcp(String, int)}
     */
    public static TlsStream connectTls(String host, int port, SSLContext context) throws IOException {
        return connectTls(host, port, context, ConnectOptions.DEFAULT);
    }

    /** Connects as {@link #connectTls(String, int, SSLContext)} does, with options. */
    public static TlsStream connectTls(String host, int port, SSLContext context, ConnectOptions options)
            throws IOException {
        return connectTls(host, port, context, options, TlsOptions.DEFAULT);
    }

    /** Connects as {@link #connectTls(String, int, SSLContext)} does, with options for TCP and for TLS. */
    public static TlsStream connectTls(
            String host, int port, SSLContext context, ConnectOptions options, TlsOptions tls) throws IOException {
        SSLEngine engine = TlsEngines.client(context, host, port, tls); // before there is a socket to lose
        return TlsHandshake.perform(connectTcp(host, port, options), TlsCodec.NOTHING, tls, context, () -> engine);
    }

    /**
     * Begins TLS, as the client, on a stream that is already connected. Suspends for the handshake. The stream belongs
     * to the result from now on, and is closed if the handshake fails or is cancelled. (asyncio: {@code start_tls}.)
     *
     * @param serverName the host that the certificate must be valid for
     * @param port the server's port; with the name it tells which earlier session can be resumed
     * @throws javax.net.ssl.SSLException if the handshake fails; {@link TlsTimeoutException} if it takes too long
     */
    public static TlsStream startTls(ByteStream stream, SSLContext context, String serverName, int port)
            throws IOException {
        return startTls(stream, context, serverName, port, TlsOptions.DEFAULT);
    }

    /**
     * Begins TLS, as the client, with options, whose {@code serverName} takes the place of {@code host} if it is given.
     * Otherwise as {@link #startTls(ByteStream, SSLContext, String, int)}.
     */
    public static TlsStream startTls(ByteStream stream, SSLContext context, String host, int port, TlsOptions options)
            throws IOException {
        return TlsHandshake.client(stream, TlsCodec.NOTHING, context, host, port, options);
    }

    /**
     * Begins TLS, as the server, on a stream that is already connected. Suspends for the handshake. The stream belongs
     * to the result from now on, and is closed if the handshake fails or is cancelled. (asyncio:
     * {@code start_tls(server_side=True)}.)
     *
     * @throws javax.net.ssl.SSLException if the handshake fails; {@link TlsTimeoutException} if it takes too long
     */
    public static TlsStream startTlsServer(ByteStream stream, SSLContext context) throws IOException {
        return startTlsServer(stream, context, TlsOptions.DEFAULT);
    }

    /** Begins TLS, as the server, with options. Otherwise as {@link #startTlsServer(ByteStream, SSLContext)}. */
    public static TlsStream startTlsServer(ByteStream stream, SSLContext context, TlsOptions options)
            throws IOException {
        return TlsHandshake.server(stream, TlsCodec.NOTHING, context, options);
    }

    /**
     * Begins TLS with an engine that the caller has set up, for what {@link TlsOptions} do not say. Suspends for the
     * handshake, 60 seconds at most; the stream is closed if that fails or is cancelled.
     *
     * @param engine fresh, with its mode set; it verifies the host name only if its parameters say so
     */
    public static TlsStream startTls(ByteStream stream, SSLEngine engine) throws IOException {
        return TlsHandshake.perform(stream, TlsCodec.NOTHING, TlsOptions.DEFAULT, null, () -> engine);
    }

    /**
     * Connects and returns reader and writer. Suspends; fails as {@link #connectTcp(String, int)}. (asyncio:
     * {@code open_connection}.)
     */
    public static Connection openConnection(String host, int port) throws IOException {
        return openConnection(host, port, ConnectOptions.DEFAULT);
    }

    /** Connects with options and returns reader and writer. Suspends; fails as {@link #connectTcp(String, int)}. */
    public static Connection openConnection(String host, int port, ConnectOptions options) throws IOException {
        return connection(connectTcp(host, port, options), options);
    }

    /** Connects with TLS and returns reader and writer. Suspends; fails as {@link #connectTls}. */
    public static Connection openConnection(String host, int port, SSLContext context) throws IOException {
        return openConnection(host, port, context, ConnectOptions.DEFAULT);
    }

    /** Connects with TLS and options, and returns reader and writer. Suspends; fails as {@link #connectTls}. */
    public static Connection openConnection(String host, int port, SSLContext context, ConnectOptions options)
            throws IOException {
        return openConnection(host, port, context, options, TlsOptions.DEFAULT);
    }

    /**
     * Connects with options for TCP and for TLS, and returns reader and writer. Suspends; fails as {@link #connectTls}.
     */
    public static Connection openConnection(
            String host, int port, SSLContext context, ConnectOptions options, TlsOptions tls) throws IOException {
        return connection(connectTls(host, port, context, options, tls), options);
    }

    private static Connection connection(ByteStream stream, ConnectOptions options) {
        return new Connection(stream, options.limit(), false, () -> {});
    }

    // ------------------------------------------------------------------------------------------------ protocols

    /**
     * Connects to a host, as {@link #connectTcp(String, int)} does, and puts a protocol on the connection. Suspends
     * until {@link BaseProtocol#connectionMade} was called; a cancel closes the connection. (asyncio:
     * {@code loop.create_connection}.)
     *
     * @param factory called once, when the connection stands
     */
    public static <P extends StreamProtocol> Endpoint<Transport, P> createConnection(
            Supplier<? extends P> factory, String host, int port) throws IOException {
        return createConnection(factory, host, port, ConnectOptions.DEFAULT);
    }

    /** Connects as {@link #createConnection(Supplier, String, int)} does, with options. */
    public static <P extends StreamProtocol> Endpoint<Transport, P> createConnection(
            Supplier<? extends P> factory, String host, int port, ConnectOptions options) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return Endpoints.open(loop, Connecting.connect(loop, host, port, options), factory);
    }

    /**
     * Puts a protocol on a channel that this program has connected, to a TCP or Unix socket. The channel belongs to the
     * transport from now on, and is made non-blocking. Suspends as {@link #createConnection(Supplier, String, int)}.
     * (asyncio: {@code loop.create_connection(sock=…)}.)
     *
     * @throws IllegalArgumentException if the channel is not connected
     * @throws IllegalStateException if this loop has the channel in use already
     */
    public static <P extends StreamProtocol> Endpoint<Transport, P> createConnection(
            Supplier<? extends P> factory, SocketChannel channel) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return Endpoints.open(loop, Endpoints.adopt(loop, channel), factory);
    }

    /**
     * Connects to a Unix socket and puts a protocol on the connection. Suspends as {@link #createConnection(Supplier,
     * String, int)}. (asyncio: {@code loop.create_unix_connection}.)
     *
     * @throws java.net.ConnectException if nobody listens at the path
     */
    public static <P extends StreamProtocol> Endpoint<Transport, P> createUnixConnection(
            Supplier<? extends P> factory, Path path) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return Endpoints.open(loop, Endpoints.connectUnix(loop, UnixDomainSocketAddress.of(path)), factory);
    }

    /**
     * Puts a protocol on a channel that was accepted outside the loop; otherwise as {@link #createConnection(Supplier,
     * SocketChannel)}. (asyncio: {@code loop.connect_accepted_socket}.)
     */
    public static <P extends StreamProtocol> Endpoint<Transport, P> connectAcceptedSocket(
            Supplier<? extends P> factory, SocketChannel channel) throws IOException {
        return createConnection(factory, channel);
    }

    // ------------------------------------------------------------------------------------------------ protocols, TLS

    /**
     * Connects to a host with TLS and puts a protocol on the connection, which hears of it when hands are shaken; the
     * certificate must be valid for {@code host}. Suspends until then; a cancel closes the connection. (asyncio:
     * {@code loop.create_connection(ssl=…)}.)
     *
     * @param factory called once, when the connection stands
     * @throws javax.net.ssl.SSLException if the handshake fails: the certificate is not trusted, or is not the host's
     * @throws TlsTimeoutException if the handshake takes too long
     * @throws java.net.SocketException if the peer closes the connection during the handshake
     * @throws IOException as {@link #connectTcp(String, int)}
     */
    public static <P extends StreamProtocol> Endpoint<Transport, P> createConnection(
            Supplier<? extends P> factory,
            String host,
            int port,
            ConnectOptions options,
            SSLContext context,
            TlsOptions tls)
            throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Fd socket = Connecting.connect(loop, host, port, options);
        return Endpoints.openTls(
                socket, factory, protocol -> TlsTransport.client(loop, protocol, context, host, port, tls));
    }

    /**
     * Puts a protocol, with TLS as the client, on a channel that this program has connected. Otherwise as
     * {@link #createConnection(Supplier, SocketChannel)}, and fails as {@link #createConnection(Supplier, String, int,
     * ConnectOptions, SSLContext, TlsOptions)}. (asyncio: {@code loop.create_connection(sock=…, ssl=…)}.)
     *
     * @param serverName the host that the certificate must be valid for; empty for whoever it is
     */
    public static <P extends StreamProtocol> Endpoint<Transport, P> createConnection(
            Supplier<? extends P> factory, SocketChannel channel, SSLContext context, String serverName, TlsOptions tls)
            throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Fd socket = Endpoints.adopt(loop, channel);
        return Endpoints.openTls(
                socket,
                factory,
                protocol -> TlsTransport.client(loop, protocol, context, serverName, portOf(socket), tls));
    }

    private static int portOf(Fd socket) {
        return socket.remoteAddress() instanceof InetSocketAddress address ? address.getPort() : 0;
    }

    /**
     * Connects to a Unix socket with TLS and puts a protocol on the connection. Otherwise as
     * {@link #createUnixConnection(Supplier, Path)}, and fails as {@link #createConnection(Supplier, String, int,
     * ConnectOptions, SSLContext, TlsOptions)}. (asyncio: {@code loop.create_unix_connection(ssl=…)}.)
     *
     * @param serverName the host that the certificate must be valid for; a path has none
     */
    public static <P extends StreamProtocol> Endpoint<Transport, P> createUnixConnection(
            Supplier<? extends P> factory, Path path, SSLContext context, String serverName, TlsOptions tls)
            throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Fd socket = Endpoints.connectUnix(loop, UnixDomainSocketAddress.of(path));
        return Endpoints.openTls(
                socket, factory, protocol -> TlsTransport.client(loop, protocol, context, serverName, 0, tls));
    }

    /**
     * Puts a protocol, with TLS as the server, on a channel that was accepted outside the loop. Otherwise as
     * {@link #connectAcceptedSocket(Supplier, SocketChannel)}, and fails as {@link #createConnection(Supplier, String,
     * int, ConnectOptions, SSLContext, TlsOptions)}. (asyncio: {@code loop.connect_accepted_socket(ssl=…)}.)
     */
    public static <P extends StreamProtocol> Endpoint<Transport, P> connectAcceptedSocket(
            Supplier<? extends P> factory, SocketChannel channel, SSLContext context, TlsOptions tls)
            throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return Endpoints.openTls(
                Endpoints.adopt(loop, channel), factory, protocol -> TlsTransport.server(loop, protocol, context, tls));
    }

    /**
     * Begins TLS, as the client, on a connection that has a protocol already, and returns the transport to use from now
     * on, instead of this one. The protocol is not told of a new connection. Suspends for the handshake; if that fails
     * or is cancelled, the connection is closed, and {@code protocol} told. (asyncio: {@code loop.start_tls}.)
     *
     * @param transport a socket's, or one of TLS; what it has still to send is sent first
     * @param protocol who gets the text from now on; what came before this call may still be plain
     * @param host the host that the certificate must be valid for, unless the options have a {@code serverName}; empty
     *     for whoever it is
     * @param port the server's port; with the host it tells which earlier session can be resumed
     * @throws IllegalArgumentException if the transport is one end of a pipe
     * @throws IllegalStateException if TLS has begun on it already, or a file is being sent
     * @throws java.net.SocketException if it is closing
     * @throws IOException as {@link #createConnection(Supplier, String, int, ConnectOptions, SSLContext, TlsOptions)}
     */
    public static Transport startTls(
            Transport transport, StreamProtocol protocol, SSLContext context, String host, int port, TlsOptions options)
            throws IOException {
        return Endpoints.startTls(
                Asyncio.getRunningLoop(),
                transport,
                protocol,
                context,
                () -> TlsEngines.client(context, host, port, options),
                options);
    }

    /**
     * Begins TLS, as the server, on a connection that has a protocol already. Otherwise as {@link #startTls(Transport,
     * StreamProtocol, SSLContext, String, int, TlsOptions)}. (asyncio: {@code loop.start_tls(server_side=True)}.)
     */
    public static Transport startTlsServer(
            Transport transport, StreamProtocol protocol, SSLContext context, TlsOptions options) throws IOException {
        return Endpoints.startTls(
                Asyncio.getRunningLoop(),
                transport,
                protocol,
                context,
                () -> TlsEngines.server(context, options),
                options);
    }

    // ------------------------------------------------------------------------------------------------ files

    /** Sends a whole file, from its beginning: see {@link #sendFile(Transport, FileChannel, long, long, boolean)}. */
    public static long sendFile(Transport transport, FileChannel file) throws IOException {
        return sendFile(transport, file, 0, Long.MAX_VALUE, true);
    }

    /**
     * Sends a file, or a part of it, behind what was written before, and returns how many bytes: fewer than
     * {@code count} if the file ends before. The system moves them by itself where it can; else, as over TLS, blocks
     * are read and written, and the last of them may wait to be sent when this returns. Suspends. Nothing is read from
     * the connection meanwhile, and where the system sends, nothing can be written, and a close waits for the end. The
     * file's position is then behind what was sent, after a cancel or a failure as well, unless nothing was. Stands for
     * {@code loop.sendfile}.
     *
     * @param transport a socket's, or one of TLS
     * @param offset where to begin, 0 or more
     * @param count how many bytes at most, 1 or more; {@link Long#MAX_VALUE} for all
     * @param fallback whether to read blocks and write them where the system cannot send this file
     * @throws IllegalArgumentException if the file was not opened to be read
     * @throws IllegalStateException if the transport is closing, or is of another kind, or another file is being sent
     * @throws SendfileNotAvailableException if the system cannot send this file here, and {@code fallback} is false
     * @throws IOException if the connection is lost or aborted, or the file cannot be read
     */
    public static long sendFile(Transport transport, FileChannel file, long offset, long count, boolean fallback)
            throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return TransportFile.send(loop, transport, SourceFile.of(loop, file), offset, count, fallback);
    }

    /** Sends a whole file, from its beginning: see {@link #sendFile(Transport, FileChannel, long, long, boolean)}. */
    public static long sendFile(Transport transport, AsyncFile file) throws IOException {
        return sendFile(transport, file, 0, Long.MAX_VALUE, true);
    }

    /**
     * Sends a file, or a part of it, as {@link #sendFile(Transport, FileChannel, long, long, boolean)} does.
     *
     * @throws IllegalStateException also if a coroutine is reading or writing at the file's position
     */
    public static long sendFile(Transport transport, AsyncFile file, long offset, long count, boolean fallback)
            throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return TransportFile.send(loop, transport, file.asSource(), offset, count, fallback);
    }

    // ------------------------------------------------------------------------------------------------ names

    /**
     * Returns the addresses of a host, in the order in which they are best tried, each with the port. Asks the
     * {@linkplain #resolver resolver of the loop}. Suspends, but not for an address in text form. Stands for
     * {@code loop.getaddrinfo}; names of services are not known.
     *
     * @param port 0 to 65535; is only passed on
     * @throws java.net.UnknownHostException if there are none
     */
    public static List<InetSocketAddress> getAddrInfo(String host, int port) throws IOException {
        return getAddrInfo(host, port, null);
    }

    /**
     * Returns the addresses of a host that are of one family.
     *
     * @param family {@code INET} or {@code INET6} of {@link java.net.StandardProtocolFamily}; null for both
     */
    public static List<InetSocketAddress> getAddrInfo(String host, int port, @Nullable ProtocolFamily family)
            throws IOException {
        Connecting.ensurePort(port, 0);
        return Addresses.withPort(Addresses.ofFamily(family, resolver().resolve(host), host), port);
    }

    /**
     * Returns the name of an address: its text form, if nobody knows one. Always asks the system, on one of a few
     * threads that do nothing else. Suspends; a cancel leaves the lookup to itself. Stands for
     * {@code loop.getnameinfo}; names of services are not known.
     */
    public static String getNameInfo(InetAddress address) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Op.Call<String> call = loop.driver().nameOf(address);
        return loop.runInExecutor(NetThreads.NAMES, call::call).await();
    }

    /** Returns who is asked for addresses on this loop: {@link Resolver#system()}, unless another was set. */
    public static Resolver resolver() {
        return LoopResolvers.of(Asyncio.getRunningLoop()).chosen;
    }

    /** Sets who is asked for addresses on this loop from now on, by clients and servers. Does not suspend. */
    public static void setResolver(Resolver resolver) {
        LoopResolvers.of(Asyncio.getRunningLoop()).chosen = resolver;
    }

    // ------------------------------------------------------------------------------------------------ as a server

    /**
     * Listens for connections. Suspends only to look up a name.
     *
     * @param host a name or address of this machine (the first address found is taken); empty for all of its addresses
     * @param port 0 to have the system choose one: {@link Listener#port} tells
     * @throws java.net.BindException if the port is taken or the address is not this machine's
     */
    public static Listener listen(String host, int port) throws IOException {
        return listen(host, port, DEFAULT_BACKLOG);
    }

    /**
     * Listens as {@link #listen(String, int)} does; the system keeps up to {@code backlog} connections until they are
     * accepted.
     */
    public static Listener listen(String host, int port, int backlog) throws IOException {
        return Connecting.listen(Asyncio.getRunningLoop(), host, port, backlog, resolver());
    }

    /**
     * Listens and runs {@code handler} in a task of its own for each connection. Suspends only to look up a name.
     * (asyncio: {@code start_server}; {@link Server} says who closes what.)
     *
     * @param host a name or address of this machine, all of whose addresses are listened at; empty for all of this
     *     machine's
     * @param port 0 to have the system choose one: {@link Server#port} tells
     * @throws java.net.BindException if the port is taken, or no address is this machine's; nothing is left open
     */
    public static Server startServer(ClientHandler handler, String host, int port) throws IOException {
        return startServer(handler, List.of(host), port, ListenOptions.DEFAULT);
    }

    /** Does the same at all addresses of several hosts, with options. */
    public static Server startServer(ClientHandler handler, List<String> hosts, int port, ListenOptions options)
            throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Serving serving = new StreamServing(loop, handler, options.limit(), null, TlsOptions.DEFAULT);
        return new Server(loop, Listening.at(loop, hosts, port, options), null, serving, options);
    }

    /** Does the same with TLS: a connection's handshake is part of its task, so that a slow one delays nobody. */
    public static Server startServer(ClientHandler handler, String host, int port, SSLContext context)
            throws IOException {
        return startServer(handler, host, port, context, TlsOptions.DEFAULT);
    }

    /** Does the same with options for TLS. */
    public static Server startServer(
            ClientHandler handler, String host, int port, SSLContext context, TlsOptions options) throws IOException {
        return startServer(handler, List.of(host), port, ListenOptions.DEFAULT, context, options);
    }

    /** Does the same at all addresses of several hosts, with options for both. */
    public static Server startServer(
            ClientHandler handler,
            List<String> hosts,
            int port,
            ListenOptions options,
            SSLContext context,
            TlsOptions tls)
            throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Serving serving = new StreamServing(loop, handler, options.limit(), context, tls);
        return new Server(loop, Listening.at(loop, hosts, port, options), null, serving, options);
    }

    /**
     * Does the same with a socket that this program has bound already, to TCP or to a path. It belongs to the server
     * from now on, and is made non-blocking; of the options count those that are not about the binding, and
     * {@link ListenOptions#cleanupSocket}. Suspends for the calls of the file system alone. (asyncio:
     * {@code start_server(sock=…)}, {@code start_unix_server(sock=…)}.)
     *
     * @throws IllegalArgumentException if it is not bound
     * @throws IllegalStateException if this loop has the socket in use already
     */
    public static Server startServer(ClientHandler handler, ServerSocketChannel socket, ListenOptions options)
            throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Serving serving = new StreamServing(loop, handler, options.limit(), null, TlsOptions.DEFAULT);
        return server(loop, Listening.adopt(loop, socket, options), serving, options);
    }

    /**
     * Listens and makes a protocol for each connection. Suspends only to look up a name; fails as
     * {@link #startServer(ClientHandler, String, int)}. (asyncio: {@code loop.create_server}.)
     *
     * @param factory called once for each connection
     */
    public static Server createServer(Supplier<? extends StreamProtocol> factory, String host, int port)
            throws IOException {
        return createServer(factory, List.of(host), port, ListenOptions.DEFAULT);
    }

    /** Does the same at all addresses of several hosts, with options. */
    public static Server createServer(
            Supplier<? extends StreamProtocol> factory, List<String> hosts, int port, ListenOptions options)
            throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Serving serving = new ProtocolServing(loop, factory, null, TlsOptions.DEFAULT);
        return new Server(loop, Listening.at(loop, hosts, port, options), null, serving, options);
    }

    /** Does the same with TLS, of which the protocol is told nothing until hands are shaken. */
    public static Server createServer(
            Supplier<? extends StreamProtocol> factory,
            List<String> hosts,
            int port,
            ListenOptions options,
            SSLContext context,
            TlsOptions tls)
            throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Serving serving = new ProtocolServing(loop, factory, context, tls);
        return new Server(loop, Listening.at(loop, hosts, port, options), null, serving, options);
    }

    /** Does the same with a socket that this program has bound already, and that belongs to the server from now on. */
    public static Server createServer(
            Supplier<? extends StreamProtocol> factory, ServerSocketChannel socket, ListenOptions options)
            throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Serving serving = new ProtocolServing(loop, factory, null, TlsOptions.DEFAULT);
        return server(loop, Listening.adopt(loop, socket, options), serving, options);
    }

    // ------------------------------------------------------------------------------------------------ Unix sockets

    /**
     * Connects to a Unix socket. Suspends. (asyncio: {@code create_unix_connection}.)
     *
     * @throws java.net.SocketException if nobody listens there, or there is no such file
     */
    public static ByteStream connectUnix(Path path) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return new SocketStream(loop, Endpoints.connectUnix(loop, UnixDomainSocketAddress.of(path)));
    }

    /**
     * Connects to a Unix socket and returns reader and writer. Suspends; fails as {@link #connectUnix}. (asyncio:
     * {@code open_unix_connection}.)
     */
    public static Connection openUnixConnection(Path path) throws IOException {
        return openUnixConnection(path, ConnectOptions.DEFAULT);
    }

    /** Does the same with options, of which the reader's limit counts. */
    public static Connection openUnixConnection(Path path, ConnectOptions options) throws IOException {
        return connection(connectUnix(path), options);
    }

    /**
     * Connects to a Unix socket with TLS, and returns reader and writer. Suspends. (asyncio:
     * {@code open_unix_connection(ssl=…)}.)
     *
     * @param serverName the host that the certificate must be valid for; a path has none
     * @throws javax.net.ssl.SSLException if the handshake fails
     * @throws IOException as {@link #connectUnix}
     */
    public static Connection openUnixConnection(Path path, SSLContext context, String serverName, TlsOptions tls)
            throws IOException {
        return connection(startTls(connectUnix(path), context, serverName, 0, tls), ConnectOptions.DEFAULT);
    }

    /**
     * Listens at a path and runs {@code handler} in a task of its own for each connection. A socket that was left there
     * gives way; another file does not. Suspends for the calls of the file system. (asyncio:
     * {@code start_unix_server}.)
     *
     * @throws java.net.BindException if there is another file, or no such directory
     */
    public static Server startUnixServer(ClientHandler handler, Path path) throws IOException {
        return startUnixServer(handler, path, ListenOptions.DEFAULT);
    }

    /** Does the same with options. */
    public static Server startUnixServer(ClientHandler handler, Path path, ListenOptions options) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Serving serving = new StreamServing(loop, handler, options.limit(), null, TlsOptions.DEFAULT);
        return unixServer(loop, path, serving, options);
    }

    /** Does the same with TLS: a connection's handshake is part of its task, so that a slow one delays nobody. */
    public static Server startUnixServer(
            ClientHandler handler, Path path, ListenOptions options, SSLContext context, TlsOptions tls)
            throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return unixServer(loop, path, new StreamServing(loop, handler, options.limit(), context, tls), options);
    }

    /**
     * Listens at a path and makes a protocol for each connection; otherwise as {@link #startUnixServer(ClientHandler,
     * Path)}. (asyncio: {@code loop.create_unix_server}.)
     */
    public static Server createUnixServer(Supplier<? extends StreamProtocol> factory, Path path, ListenOptions options)
            throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return unixServer(loop, path, new ProtocolServing(loop, factory, null, TlsOptions.DEFAULT), options);
    }

    /** Does the same with TLS, of which the protocol is told nothing until hands are shaken. */
    public static Server createUnixServer(
            Supplier<? extends StreamProtocol> factory,
            Path path,
            ListenOptions options,
            SSLContext context,
            TlsOptions tls)
            throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return unixServer(loop, path, new ProtocolServing(loop, factory, context, tls), options);
    }

    /**
     * Listens at a path, and leaves it to the caller to accept. Suspends and fails as
     * {@link #startUnixServer(ClientHandler, Path)}.
     */
    public static Listener listenUnix(Path path) throws IOException {
        return listenUnix(path, ListenOptions.DEFAULT);
    }

    /** Does the same with options, of which those for Unix sockets and the backlog count. */
    public static Listener listenUnix(Path path, ListenOptions options) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return new Listener(loop, Listening.atUnix(loop, path, options));
    }

    private static Server unixServer(EventLoop loop, Path path, Serving serving, ListenOptions options)
            throws IOException {
        return server(loop, Listening.atUnix(loop, path, options), serving, options);
    }

    private static Server server(EventLoop loop, Listening.Bound bound, Serving serving, ListenOptions options) {
        return new Server(loop, List.of(bound.socket()), bound.file(), serving, options);
    }

    // ------------------------------------------------------------------------------------------------ datagrams

    /**
     * Opens a datagram socket and puts a protocol on it. Suspends to look up names, and until
     * {@link BaseProtocol#connectionMade} was called; a cancel leaves no socket open. (asyncio:
     * {@code loop.create_datagram_endpoint}.)
     *
     * @param factory called once, when the socket has its address
     * @throws IllegalArgumentException if there is neither an address nor a family, if the addresses have no family in
     *     common, or if the system cannot share ports and is asked to
     * @throws java.net.UnknownHostException if a name has no address
     * @throws java.net.BindException if the local address is taken or not this machine's
     */
    public static <P extends DatagramProtocol> Endpoint<DatagramTransport, P> createDatagramEndpoint(
            Supplier<? extends P> factory, DatagramOptions options) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return SocketDatagramTransport.open(loop, DatagramSockets.open(loop, options), factory);
    }

    /**
     * Puts a protocol on a channel that this program has opened, and that has joined a multicast group say. The channel
     * belongs to the transport from now on, is made non-blocking, and is bound if it is not. Suspends until
     * {@link BaseProtocol#connectionMade} was called; a cancel closes it. (asyncio:
     * {@code create_datagram_endpoint(sock=…)}.)
     *
     * @throws IllegalStateException if this loop has the channel in use already
     */
    public static <P extends DatagramProtocol> Endpoint<DatagramTransport, P> createDatagramEndpoint(
            Supplier<? extends P> factory, DatagramChannel channel) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return SocketDatagramTransport.open(loop, DatagramSockets.adopt(loop, channel), factory);
    }

    /**
     * Opens a datagram socket for coroutines, at one address and for another. Suspends and fails as
     * {@link #openDatagram(DatagramOptions)}.
     *
     * @param local null to have the system choose
     * @param remote null to speak to everybody
     */
    public static UdpSocket openDatagram(@Nullable InetSocketAddress local, @Nullable InetSocketAddress remote)
            throws IOException {
        return openDatagram(DatagramOptions.DEFAULT.withLocal(local).withRemote(remote));
    }

    /**
     * Opens a datagram socket for coroutines. Suspends only to look up names; fails as
     * {@link #createDatagramEndpoint(Supplier, DatagramOptions)}. (In asyncio: nothing of the kind.)
     */
    public static UdpSocket openDatagram(DatagramOptions options) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return new UdpSocket(loop, DatagramSockets.open(loop, options));
    }

    /**
     * Takes a channel over that this program has opened, for coroutines. It belongs to the socket from now on, is made
     * non-blocking, and is bound if it is not. Does not suspend.
     *
     * @throws IllegalStateException if this loop has the channel in use already
     */
    public static UdpSocket openDatagram(DatagramChannel channel) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return new UdpSocket(loop, DatagramSockets.adopt(loop, channel));
    }

    // ------------------------------------------------------------------------------------------------ processes

    /**
     * Starts a program with the streams of this process: see {@link #createSubprocessExec(SubprocessOptions, List)}.
     */
    public static Subprocess createSubprocessExec(String... command) throws IOException {
        return createSubprocessExec(SubprocessOptions.inherit(), command);
    }

    /** Starts a program: see {@link #createSubprocessExec(SubprocessOptions, List)}. */
    public static Subprocess createSubprocessExec(SubprocessOptions options, String... command) throws IOException {
        return createSubprocessExec(options, List.of(command));
    }

    /**
     * Starts a program. Suspends until it is started; a cancel kills what was. (asyncio:
     * {@code create_subprocess_exec}.)
     *
     * @param command the program, by its path or by a name to be looked for in {@code PATH}, and its arguments
     * @throws IllegalArgumentException if there is no program, or an argument has a NUL in it
     * @throws java.nio.file.NoSuchFileException if there is no such program, or no such directory to run in
     * @throws java.nio.file.AccessDeniedException if it may not be run
     * @throws IOException if it cannot be started for another reason
     */
    public static Subprocess createSubprocessExec(SubprocessOptions options, List<String> command) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        List<String> words = List.copyOf(command);
        return Spawning.start(loop, options, words, child -> new Subprocess(loop, words.getFirst(), child, options));
    }

    /** Has the shell run a line, with the streams of this process. */
    public static Subprocess createSubprocessShell(String command) throws IOException {
        return createSubprocessShell(SubprocessOptions.inherit(), command);
    }

    /**
     * Has {@code /bin/sh} run a line. What comes from elsewhere must not get into it unquoted. Suspends and fails as
     * {@link #createSubprocessExec(SubprocessOptions, List)}; that the shell finds no program shows in its exit code.
     * (asyncio: {@code create_subprocess_shell}.)
     */
    public static Subprocess createSubprocessShell(SubprocessOptions options, String command) throws IOException {
        return createSubprocessExec(options, List.of("/bin/sh", "-c", command));
    }

    /** Starts a program with three pipes: see {@link #subprocessExec(Supplier, SubprocessOptions, List)}. */
    public static <P extends SubprocessProtocol> Endpoint<SubprocessTransport, P> subprocessExec(
            Supplier<? extends P> factory, String... command) throws IOException {
        return subprocessExec(factory, SubprocessOptions.pipes(), command);
    }

    /** Starts a program: see {@link #subprocessExec(Supplier, SubprocessOptions, List)}. */
    public static <P extends SubprocessProtocol> Endpoint<SubprocessTransport, P> subprocessExec(
            Supplier<? extends P> factory, SubprocessOptions options, String... command) throws IOException {
        return subprocessExec(factory, options, List.of(command));
    }

    /**
     * Starts a program and has a protocol told of it. Suspends until {@link BaseProtocol#connectionMade} was called; a
     * cancel kills what was started. Fails as {@link #createSubprocessExec(SubprocessOptions, List)}. (asyncio:
     * {@code loop.subprocess_exec}.)
     *
     * @param factory called once, before the program is started
     */
    public static <P extends SubprocessProtocol> Endpoint<SubprocessTransport, P> subprocessExec(
            Supplier<? extends P> factory, SubprocessOptions options, List<String> command) throws IOException {
        return ProcessTransport.open(Asyncio.getRunningLoop(), options, List.copyOf(command), factory);
    }

    /** Has the shell run a line, with three pipes: see {@link #subprocessExec(Supplier, SubprocessOptions, List)}. */
    public static <P extends SubprocessProtocol> Endpoint<SubprocessTransport, P> subprocessShell(
            Supplier<? extends P> factory, String command) throws IOException {
        return subprocessShell(factory, SubprocessOptions.pipes(), command);
    }

    /**
     * Has {@code /bin/sh} run a line, and a protocol told of it. What comes from elsewhere must not get into it
     * unquoted. Suspends and fails as {@link #subprocessExec(Supplier, SubprocessOptions, List)}. (asyncio:
     * {@code loop.subprocess_shell}.)
     */
    public static <P extends SubprocessProtocol> Endpoint<SubprocessTransport, P> subprocessShell(
            Supplier<? extends P> factory, SubprocessOptions options, String command) throws IOException {
        return subprocessExec(factory, options, List.of("/bin/sh", "-c", command));
    }

    // ------------------------------------------------------------------------------------------------ pipes

    /**
     * Returns the end to read of a pipe as a stream. The pipe belongs to the stream from now on, and is made
     * non-blocking. Does not suspend. (asyncio: {@code connect_read_pipe}.)
     */
    public static ByteStream connectReadPipe(Pipe.SourceChannel pipe) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        pipe.configureBlocking(false);
        return PipeStream.toRead(loop, loop.driver().adopt(pipe));
    }

    /**
     * Returns the end to write of a pipe as a stream. The pipe belongs to the stream from now on, and is made
     * non-blocking; {@link ByteStream#shutdownOutput} closes it. Does not suspend. A write fails with an
     * {@link IOException} once nobody can read. (asyncio: {@code connect_write_pipe}.)
     */
    public static ByteStream connectWritePipe(Pipe.SinkChannel pipe) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        pipe.configureBlocking(false);
        return PipeStream.toWrite(loop, loop.driver().adopt(pipe));
    }

    /**
     * Returns a FIFO, or a character device such as a terminal, to be read. It is opened by the first read, which waits
     * until somebody has opened it to write. Does not suspend.
     *
     * @throws IllegalArgumentException if it is a regular file or a directory
     * @throws java.nio.file.NoSuchFileException if it is not there
     */
    public static ByteStream connectReadPipe(Path fifo) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return PipeStream.toRead(loop, loop.driver().source(Fifo.toRead(Fifo.checked(fifo))));
    }

    /**
     * Returns a FIFO, or a character device, to be written. It is opened by the first write, which waits until somebody
     * has opened it to read. Does not suspend; fails as {@link #connectReadPipe(Path)}.
     */
    public static ByteStream connectWritePipe(Path fifo) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return PipeStream.toWrite(loop, loop.driver().sink(Fifo.toWrite(Fifo.checked(fifo))));
    }

    /**
     * Has a protocol told of what comes through a pipe. The pipe belongs to the transport from now on, and is made
     * non-blocking. Suspends until {@link BaseProtocol#connectionMade} was called; a cancel closes the pipe. (asyncio:
     * {@code loop.connect_read_pipe}.)
     *
     * @throws IllegalStateException if this loop has the pipe in use already
     */
    public static <P extends StreamProtocol> Endpoint<Transport, P> connectReadPipe(
            Supplier<? extends P> factory, Pipe.SourceChannel pipe) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        pipe.configureBlocking(false);
        return Endpoints.toRead(loop, loop.driver().adopt(pipe), true, factory, pipe);
    }

    /**
     * Has a protocol write to a pipe. The pipe belongs to the transport from now on, and is made non-blocking.
     * {@link Transport#writeEof} closes it. That nobody reads any more is noticed by the next write, or by one that
     * waits: the JDK does not tell. Suspends as {@link #connectReadPipe(Supplier, Pipe.SourceChannel)}. (asyncio:
     * {@code loop.connect_write_pipe}.)
     */
    public static <P extends StreamProtocol> Endpoint<Transport, P> connectWritePipe(
            Supplier<? extends P> factory, Pipe.SinkChannel pipe) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        pipe.configureBlocking(false);
        return Endpoints.toWrite(loop, loop.driver().adopt(pipe), factory, pipe);
    }

    /**
     * Has a protocol told of what comes through a FIFO, or from a character device such as a terminal. It is opened at
     * once, and {@link BaseProtocol#connectionMade} does not wait for somebody at the other end. Suspends as
     * {@link #connectReadPipe(Supplier, Pipe.SourceChannel)}, and fails as {@link #connectReadPipe(Path)}.
     */
    public static <P extends StreamProtocol> Endpoint<Transport, P> connectReadPipe(
            Supplier<? extends P> factory, Path fifo) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return Endpoints.toRead(loop, loop.driver().source(Fifo.toRead(Fifo.checked(fifo))), false, factory, fifo);
    }

    /**
     * Has a protocol write to a FIFO, or to a character device. It is opened by the first write, which waits until
     * somebody has opened it to read. Suspends as {@link #connectReadPipe(Supplier, Pipe.SourceChannel)}, and fails as
     * {@link #connectReadPipe(Path)}.
     */
    public static <P extends StreamProtocol> Endpoint<Transport, P> connectWritePipe(
            Supplier<? extends P> factory, Path fifo) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        return Endpoints.toWrite(loop, loop.driver().sink(Fifo.toWrite(Fifo.checked(fifo))), factory, fifo);
    }

    /**
     * Returns a reader of standard input: {@code System.in}, which nobody else should read then. Does not suspend. Call
     * it once for each loop: what it has read and not given away is lost with it. It is never closed.
     */
    public static StreamReader stdin() {
        EventLoop loop = Asyncio.getRunningLoop();
        return new StreamReader(PipeStream.toRead(loop, loop.driver().source(new StandardInput())));
    }

    /**
     * Returns a writer of standard output: {@code System.out}, which stays open when this is closed. Does not suspend;
     * its writes do while whoever reads is slow, and fail with an {@link IOException} once nobody can read.
     */
    public static StreamWriter stdout() {
        return standardOutput(new StandardOutput("standard output", System.out));
    }

    /** Returns a writer of standard error: {@code System.err}, as {@link #stdout} does. */
    public static StreamWriter stderr() {
        return standardOutput(new StandardOutput("standard error", System.err));
    }

    private static StreamWriter standardOutput(OutputStream stream) {
        EventLoop loop = Asyncio.getRunningLoop();
        return new StreamWriter(PipeStream.toWrite(loop, loop.driver().sink(stream)));
    }
}
