package dev.rondo.net;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** Sets engines up as {@link TlsOptions} say, and says why their handshakes failed. */
final class TlsEngines {

    private TlsEngines() {}

    /**
     * Makes the engine of a client.
     *
     * @param host who is connected to, and with {@code port} which earlier session can be resumed; may be empty
     */
    static SSLEngine client(SSLContext context, String host, int port, TlsOptions options) {
        String name = options.serverName() != null ? options.serverName() : host;
        String peer = name.isEmpty() ? host : name;
        SSLEngine engine = peer.isEmpty() ? context.createSSLEngine() : context.createSSLEngine(peer, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(serverNames(name));
        if (!name.isEmpty()) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the certificate must be the host's
        }
        return with(engine, parameters, options);
    }

    static SSLEngine server(SSLContext context, TlsOptions options) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        switch (options.clientAuth()) {
            case NONE -> {}
            case WANT -> parameters.setWantClientAuth(true);
            case NEED -> parameters.setNeedClientAuth(true);
        }
        return with(engine, parameters, options);
    }

    private static SSLEngine with(SSLEngine engine, SSLParameters parameters, TlsOptions options) {
        parameters.setApplicationProtocols(options.applicationProtocols().toArray(String[]::new));
        options.parameters().accept(parameters);
        engine.setSSLParameters(parameters);
        return engine;
    }

    /**
     * Returns the name that the server is told; none for an address (RFC 6066). Left to itself, an engine tells only
     * names with a dot.
     */
    private static List<SNIServerName> serverNames(String name) {
        if (name.isEmpty() || Literal.isOne(name)) {
            return List.of();
        }
        try {
            return List.of(new SNIHostName(name.endsWith(".") ? name.substring(0, name.length() - 1) : name));
        } catch (IllegalArgumentException notAHostName) { // with an underscore, for one: DNS has such names
            return List.of();
        }
    }

    // ------------------------------------------------------------------------------------------------ failures

    /** Returns the failure of a handshake, with the peer's name and the reason, if that is known. */
    static SSLException handshakeFailure(String peer, SSLException cause) {
        String certificate = certificateFault(cause);
        SSLException failure = new SSLHandshakeException("TLS handshake with " + peer + " failed"
                + (certificate != null ? " on verifying the certificate: " + certificate : ": " + cause.getMessage()));
        failure.initCause(cause);
        return failure;
    }

    private static @Nullable String certificateFault(SSLException failure) {
        String fault = null;
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            switch (cause) { // the innermost knows best
                case CertificateExpiredException e -> fault = "it has expired: " + e.getMessage();
                case CertificateNotYetValidException e -> fault = "it is not valid yet: " + e.getMessage();
                case CertPathBuilderException e -> fault = "nobody who is trusted has issued it: " + e.getMessage();
                case CertificateException e -> fault = e.getMessage();
                case CertPathValidatorException e -> fault = e.getMessage();
                default -> {}
            }
        }
        return fault;
    }
}
