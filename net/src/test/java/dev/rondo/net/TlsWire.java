package dev.rondo.net;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.net.TestCertificates.LOCALHOST;

import dev.rondo.Task;
import java.io.IOException;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLEngine;

/** Both ends of a TLS connection, and the connection under it. */
record TlsWire(TlsStream client, TlsStream server, Wire tcp) implements AutoCloseable {

    static TlsWire open() throws IOException {
        return open(UnaryOperator.identity());
    }

    static TlsWire open(UnaryOperator<ByteStream> under) throws IOException {
        return open(Wire.open(), under, TlsEngines.client(LOCALHOST, "localhost", 443, TlsOptions.DEFAULT));
    }

    static TlsWire open(Wire tcp, UnaryOperator<ByteStream> under, SSLEngine clientEngine) throws IOException {
        Task<TlsStream, IOException> server =
                createTask(() -> Net.startTlsServer(under.apply(tcp.server()), LOCALHOST));
        TlsStream client = Net.startTls(under.apply(tcp.client()), clientEngine);
        return new TlsWire(client, server.await(), tcp);
    }

    static TlsWire open(Wire tcp, TlsOptions clients, TlsOptions servers) throws IOException {
        Task<TlsStream, IOException> server = createTask(() -> Net.startTlsServer(tcp.server(), LOCALHOST, servers));
        TlsStream client = Net.startTls(tcp.client(), LOCALHOST, "localhost", 443, clients);
        return new TlsWire(client, server.await(), tcp);
    }

    static TlsWire ofVersion(String version) throws IOException {
        return open(Wire.open(), version(version), TlsOptions.DEFAULT);
    }

    /** Returns options for one version of TLS. */
    static TlsOptions version(String version) {
        return TlsOptions.DEFAULT.withParameters(parameters -> parameters.setProtocols(new String[] {version}));
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
