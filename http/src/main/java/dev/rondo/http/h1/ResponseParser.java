package dev.rondo.http.h1;

import dev.rondo.http.Headers;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * Parses what servers send, with lenience: they are many and old. Folded lines, spaces before a colon, fields without a
 * colon, a length beside a coding and the same length twice are accepted.
 */
public final class ResponseParser extends JettyParser<ResponseHead> implements HttpParser.ResponseHandler {

    /** Everything but the exact case of names, which would cost Jetty's cache of fields. */
    private static final HttpCompliance LENIENT = HttpCompliance.from("*,-CASE_SENSITIVE_FIELD_NAME");

    private final HttpParser jetty;
    private boolean toHeadRequest;
    private int status;
    private String reason = "";

    /** Makes a parser for the responses of one connection. */
    public ResponseParser(HeadLimits limits) {
        super(limits);
        this.jetty = new HttpParser(this, limits.bytes(), LENIENT) {
            @Override
            protected void badMessage(HttpException bad) {
                noteFailure(bad);
                super.badMessage(bad);
            }
        };
        jetty.setHeaderCacheSize(0); // a crawler's headers repeat too seldom for the cache that each parser would build
    }

    /**
     * Tells whether the responses from now on answer a HEAD request, and so have no body whatever their headers say:
     * there may be several, informational ones first.
     */
    public void expectNoBody(boolean toHead) {
        toHeadRequest = toHead;
        jetty.setHeadResponse(toHead);
    }

    @Override
    public void reset() {
        super.reset();
        jetty.setHeadResponse(toHeadRequest); // which Jetty's reset forgets
    }

    @Override
    HttpParser jetty() {
        return jetty;
    }

    @Override
    public void startResponse(HttpVersion version, int newStatus, @Nullable String newReason) {
        startMessage(version);
        status = newStatus;
        reason = newReason == null ? "" : newReason;
    }

    @Override
    ResponseHead makeHead(boolean http11, Headers headers) {
        return new ResponseHead(status, reason, http11, headers);
    }
}
