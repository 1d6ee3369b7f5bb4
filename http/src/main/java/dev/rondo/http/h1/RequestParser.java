package dev.rondo.http.h1;

import dev.rondo.http.Headers;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;

/**
 * Parses what clients send, by the letter of RFC 9110 and 9112: lenience here lets requests be smuggled past a proxy.
 */
public final class RequestParser extends JettyParser<RequestHead> implements HttpParser.RequestHandler {

    private final HttpParser jetty;
    private String method = "";
    private String target = "";

    /** Makes a parser for the requests of one connection. */
    public RequestParser(HeadLimits limits) {
        super(limits);
        this.jetty = new HttpParser(this, limits.bytes(), HttpCompliance.RFC9110) {
            @Override
            protected void badMessage(HttpException bad) {
                noteFailure(bad);
                super.badMessage(bad);
            }
        };
    }

    @Override
    HttpParser jetty() {
        return jetty;
    }

    @Override
    public void startRequest(String newMethod, String newTarget, HttpVersion version) {
        startMessage(version);
        method = newMethod;
        target = newTarget;
    }

    @Override
    RequestHead makeHead(boolean http11, Headers headers) {
        return new RequestHead(method, target, http11, headers);
    }
}
