package dev.rondo.http.h1;

import dev.rondo.http.Headers;
import dev.rondo.http.HttpException;
import dev.rondo.http.MalformedMessageException;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpVersion;

/**
 * Parses what clients send, by the letter of RFC 9110 and 9112: lenience here lets requests be smuggled past a proxy.
 * What it takes beyond the letter is more than one space in the first line, and the version's name in lower case.
 */
public final class RequestParser extends JettyParser<RequestHead> implements HttpParser.RequestHandler {

    /** The beginning of a whole address, as a proxy's clients send it; nobody's name and password belong there. */
    private static final Pattern ADDRESS =
            Pattern.compile("https?://([a-z0-9._~%-]+|\\[[0-9a-f:.]+])(:[0-9]*)?([/?]|$)", Pattern.CASE_INSENSITIVE);

    private final HttpParser jetty;
    private String method = "";
    private String target = "";
    private boolean hasFirstLine; // of the present message

    /** Makes a parser for the requests of one connection. */
    public RequestParser(HeadLimits limits) {
        this(limits, HttpCompliance.STRICT);
    }

    /** For tests: what a parser that is less strict would let through. */
    RequestParser(HeadLimits limits, HttpCompliance compliance) {
        super(limits);
        this.jetty = new HttpParser(this, limits.bytes(), compliance) {
            @Override
            protected void badMessage(org.eclipse.jetty.http.HttpException bad) {
                noteFailure(bad);
                super.badMessage(bad);
            }
        };
    }

    /** Returns whether the first line of the present message has come, and is good. */
    public boolean hasFirstLine() {
        return hasFirstLine;
    }

    @Override
    public void reset() {
        super.reset();
        hasFirstLine = false;
    }

    @Override
    HttpParser jetty() {
        return jetty;
    }

    @Override
    public Event next(ByteBuffer in) throws HttpException {
        if (jetty.isStart() && beginsWithColon(in)) { // which Jetty would skip, as it does empty lines
            throw new MalformedMessageException("not HTTP/1.1: a request begins with a colon", null);
        }
        return super.next(in);
    }

    private static boolean beginsWithColon(ByteBuffer in) {
        for (int i = in.position(); i < in.limit(); i++) {
            byte b = in.get(i);
            if (b != '\r' && b != '\n') {
                return b == ':';
            }
        }
        return false;
    }

    @Override
    public void startRequest(String newMethod, String newTarget, HttpVersion version) {
        if (version != HttpVersion.HTTP_1_1 && version != HttpVersion.HTTP_1_0) {
            throw refused("HTTP/1.1 is spoken here, not " + version);
        }
        if (!isTarget(newMethod, newTarget)) {
            throw refused("neither a path nor an address is asked for");
        }
        if (newTarget.length() > limits().lineBytes()) {
            throw tooLarge("an address of more than " + limits().lineBytes() + " bytes");
        }
        startMessage(version);
        hasFirstLine = true;
        method = newMethod;
        target = newTarget;
    }

    /** Returns whether it has one of the four forms of RFC 9112 §3.2; control characters Jetty has refused. */
    private static boolean isTarget(String method, String target) {
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c == '#'
                    || c > '~') { // Jetty decodes bytes beyond ASCII, and not all of them can be told from each other
                return false;
            }
        }
        return target.startsWith("/")
                || (target.equals("*") && method.equals("OPTIONS"))
                || method.equals("CONNECT")
                || ADDRESS.matcher(target).lookingAt();
    }

    @Override
    public void parsedTrailer(HttpField field) {
        if (field.getHeader() == HttpHeader.CONTENT_LENGTH || field.getHeader() == HttpHeader.TRANSFER_ENCODING) {
            throw refused("a field that frames the body, behind the body"); // RFC 9110 §6.5.1
        }
    }

    @Override
    RequestHead makeHead(boolean http11, Headers headers) {
        String coding = headers.get("Transfer-Encoding"); // twice, it has been refused
        if (coding != null && !http11) { // RFC 9112 §6.1: who sent it did not know what it means
            throw refused("a transfer coding in HTTP/1.0");
        }
        if (coding != null && !coding.equalsIgnoreCase("chunked")) {
            throw refused("the only transfer coding is chunked");
        }
        return new RequestHead(method, target, http11, headers);
    }
}
