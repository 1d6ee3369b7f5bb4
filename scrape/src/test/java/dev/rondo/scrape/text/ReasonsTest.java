package dev.rondo.scrape.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.http.ConnectFailedException;
import dev.rondo.http.ConnectionClosedException;
import dev.rondo.http.ContentDecodingException;
import dev.rondo.http.RedirectException;
import dev.rondo.http.StatusException;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.TooManyRedirectsException;
import dev.rondo.http.TruncatedBodyException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class ReasonsTest {

    @Test
    void timeout() {
        assertThat(Reasons.timedOut(Duration.ofSeconds(30))).isEqualTo("timed out after 30 s");
        assertThat(Reasons.timedOut(Duration.ofMillis(1500))).isEqualTo("timed out after 1.5 s");
    }

    @Test
    void status() {
        assertThat(Reasons.of(new StatusException(404, "Not Found"))).isEqualTo("HTTP 404 Not Found");
        assertThat(Reasons.of(new StatusException(500, ""))).isEqualTo("HTTP 500");
    }

    @Test
    void truncatedBody() {
        assertThat(Reasons.of(new TruncatedBodyException(10_000, 1234, null)))
                .isEqualTo("connection closed after 1,234 of 10,000 bytes");
        assertThat(Reasons.of(new TruncatedBodyException(-1, 1234, null)))
                .isEqualTo("connection closed after 1,234 bytes, in the middle of the body");
    }

    @Test
    void noConnection() {
        ConnectException cause = new ConnectException("cannot connect to h:1: …");
        cause.addSuppressed(new ConnectException("connect to h/127.0.0.1:1: Connection refused"));
        cause.addSuppressed(new ConnectException("connect to h/127.0.0.2:1: Connection refused"));
        assertThat(Reasons.of(new ConnectFailedException("cannot connect to http://h:1: …", cause)))
                .isEqualTo("connection refused");
        cause.addSuppressed(new SocketException("Network is unreachable"));
        assertThat(Reasons.of(new ConnectFailedException("cannot connect to http://h:1: …", cause)))
                .isEqualTo("connection refused; network is unreachable");
    }

    @Test
    void unknownHost() {
        assertThat(Reasons.of(new ConnectFailedException("unknown host h.invalid", new UnknownHostException("x"))))
                .isEqualTo("unknown host h.invalid");
    }

    @Test
    void untrustedCertificate() {
        SSLHandshakeException cause = new SSLHandshakeException("(certificate_unknown) PKIX path building failed: …");
        cause.initCause(new CertificateException("unable to find valid certification path to requested target"));
        assertThat(Reasons.of(new ConnectFailedException("TLS handshake with https://h failed: …", cause)))
                .isEqualTo("certificate not trusted");
    }

    @Test
    void reset() {
        assertThat(Reasons.of(new ConnectionClosedException(
                        "connection broke before the answer: Connection reset", new IOException("Connection reset"))))
                .isEqualTo("connection reset");
    }

    @Test
    void whatIsForProgrammersIsLeftOut() {
        assertThat(Reasons.of(new TooManyRedirectsException("redirects in a circle: http://a -> http://b -> http://a")))
                .isEqualTo("redirects in a circle");
        assertThat(Reasons.of(new TooLargeException("a body of more than 10 bytes decoded: raise Limits.bodyBytes …")))
                .isEqualTo("a body of more than 10 bytes decoded");
        assertThat(Reasons.of(new ContentDecodingException(
                        "the content coding br is not known here: ask for \"Accept-Encoding: gzip, deflate\"", null)))
                .isEqualTo("the content coding br is not known here");
    }

    @Test
    void sizesAreReadable() {
        assertThat(Reasons.of(new TooLargeException("a body of more than 67108864 bytes decoded: raise …")))
                .isEqualTo("a body of more than 64 MiB decoded");
        assertThat(Reasons.of(new TooLargeException("headers of more than 65536 bytes")))
                .isEqualTo("headers of more than 65,536 bytes");
    }

    @Test
    void theUrlIsNotRepeated() {
        assertThat(Reasons.of(new RedirectException(
                        "status 302 from http://a/b with an unusable Location: no host in \"http://\"")))
                .isEqualTo("HTTP 302 with an unusable Location: no host in \"http://\"");
    }

    @Test
    void handshakes() {
        assertThat(Reasons.of(handshake(new SSLException("Unsupported or unrecognized SSL message"))))
                .isEqualTo("the server does not speak TLS");
        assertThat(Reasons.of(handshake(new SSLException("Unrecognized SSL message, plaintext connection?"))))
                .isEqualTo("the server does not speak TLS");
        assertThat(Reasons.of(handshake(new SSLException("the peer refused"))))
                .isEqualTo("TLS handshake failed: the peer refused");
        assertThat(Reasons.of(handshake(new IOException("Connection reset"))))
                .isEqualTo("connection reset during the TLS handshake");
    }

    private static ConnectFailedException handshake(IOException cause) {
        return new ConnectFailedException("TLS handshake with https://h failed: …", cause);
    }

    @Test
    void whatNobodyThoughtOfHasAName() {
        assertThat(Reasons.of(new IllegalStateException("so it goes"))).isEqualTo("IllegalStateException: so it goes");
        assertThat(Reasons.of(new IllegalStateException())).isEqualTo("IllegalStateException");
    }

    @Test
    void whatAServerSaysStaysOnOneShortLine() {
        String reason = Reasons.of(new StatusException(500, "a\r\n\u001b[31m" + "x".repeat(1000)));
        assertThat(reason)
                .startsWith("HTTP 500 a???[31mxxx")
                .hasSizeLessThan(210)
                .endsWith("...");
    }
}
