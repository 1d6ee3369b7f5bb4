package dev.rondo.scrape;

import dev.rondo.http.HttpException;
import dev.rondo.http.client.BodyStream;
import dev.rondo.http.client.ClientResponse;
import dev.rondo.http.client.ClientSession;
import dev.rondo.http.client.Hop;
import dev.rondo.http.encoding.Charsets;
import dev.rondo.scrape.text.Human;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One page being fetched: what is known of it at any moment, so that a page that fails half-way says how far it came.
 * Holds a piece of its body at a time.
 */
final class Visit {

    private static final int PIECE_BYTES = 16 * 1024;

    /** Of {@code http://h}, {@code mailto:a@h} and {@code javascript:f()}; not {@code h:80/} or {@code user:pass@h}. */
    private static final Pattern SCHEME = Pattern.compile(
            "[a-z][a-z0-9+.-]*:(//|(?<=mailto:)|(?![0-9]*([/?#]|$))(?![^/?#]*@))", Pattern.CASE_INSENSITIVE);

    private final ClientSession session;
    private final String url;
    private List<Hop> redirects = List.of();
    private @Nullable String finalUrl;
    private int status;
    private @Nullable String contentType;
    private long bytes;

    Visit(ClientSession session, String url) {
        this.session = session;
        this.url = url;
    }

    /**
     * Asks for the page and reads it. Suspends.
     *
     * @return the number of characters
     * @throws HttpException why there is no text
     */
    long fetch() throws HttpException {
        try (ClientResponse response = session.get(withScheme(url))) {
            redirects = response.history();
            finalUrl = response.url().toString();
            status = response.status();
            contentType = response.headers().get("Content-Type");
            response.raiseForStatus();
            return countCharacters(response);
        }
    }

    private long countCharacters(ClientResponse response) throws HttpException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        boolean more = true;
        while (more && piece.position() < Charsets.PREFIX_BYTES) {
            more = read(response.content(), piece);
        }
        Charsets.Detected detected = Charsets.detect(piece.array(), piece.position(), contentType);
        CharacterCounter counter = new CharacterCounter(detected.charset());
        piece.flip().position(detected.markBytes());
        while (more) {
            counter.add(piece);
            piece.compact();
            more = read(response.content(), piece);
            piece.flip();
        }
        return counter.finish(piece);
    }

    private boolean read(BodyStream content, ByteBuffer piece) throws HttpException {
        int count = content.read(piece);
        bytes += Math.max(0, count);
        return count >= 0;
    }

    /** What people type has often no scheme; curl and browsers take that for http. */
    static String withScheme(String url) {
        String text = url.strip();
        boolean path = text.startsWith("/") && !text.startsWith("//");
        return text.isEmpty() || path || SCHEME.matcher(text).lookingAt() ? text : "http://" + text;
    }

    /** Returns the page: whole if {@code error} is null. */
    Page page(long characters, double seconds, @Nullable String error) {
        return new Page(url, finalUrl, status, characters, bytes, seconds, error);
    }

    /** Says in one line how it went, for the log. */
    String describe(Page page) {
        StringBuilder text = new StringBuilder(url).append(": ");
        for (Hop hop : redirects) {
            text.append(hop.status()).append(" from ").append(hop.url()).append(", ");
        }
        if (!redirects.isEmpty()) {
            text.append("then ").append(finalUrl).append(", ");
        }
        if (status != 0) {
            text.append("status ").append(status).append(", ");
            text.append(contentType == null ? "no content type" : contentType).append(", ");
        }
        text.append(Human.bytes(bytes)).append(" in ").append(Human.seconds(page.seconds()));
        if (page.error() != null) {
            text.append(", ").append(page.error());
        }
        return text.toString();
    }
}
