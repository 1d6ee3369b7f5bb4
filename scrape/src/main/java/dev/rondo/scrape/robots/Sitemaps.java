package dev.rondo.scrape.robots;

import crawlercommons.sitemaps.AbstractSiteMap;
import crawlercommons.sitemaps.SiteMap;
import crawlercommons.sitemaps.SiteMapIndex;
import crawlercommons.sitemaps.SiteMapParser;
import crawlercommons.sitemaps.SiteMapURL;
import crawlercommons.sitemaps.UnknownFormatException;
import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.http.HttpException;
import dev.rondo.http.client.ClientRequest;
import dev.rondo.http.client.ClientResponse;
import dev.rondo.http.client.ClientSession;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.zip.GZIPInputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads sitemaps: XML, indexes of others, RSS, Atom and plain lists, also as {@code .gz}. Within limits: so many of a
 * site, each so large, indexes so deep; entities of XML are not expanded. For the coroutines of one loop.
 */
public final class Sitemaps {

    private static final Logger LOG = LoggerFactory.getLogger(Sitemaps.class);

    private static final int MOST = 200;
    private static final int DEEPEST = 3;
    private static final int MOST_BYTES = 50 * 1024 * 1024; // as sitemaps.org says
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final ClientSession session;

    /** A sitemap to be read, and how many indexes lead to it. */
    private record Waiting(String url, int depth) {}

    /** Makes a reader that asks through {@code session}. */
    public Sitemaps(ClientSession session) {
        this.session = session;
    }

    /**
     * Reads sitemaps and those that they name. Suspends. One that cannot be read is passed over; a cancel leaves the
     * rest unread.
     *
     * @param first where to begin; those of other origins are read too, if they are named here
     * @param pause how long to wait before each request
     * @param found told of each address, and of the sitemap that names it
     */
    public void read(List<String> first, Supplier<Duration> pause, BiConsumer<String, String> found) {
        Deque<Waiting> waiting = new ArrayDeque<>();
        Set<String> seen = new HashSet<>();
        for (String url : first) {
            if (seen.add(url)) {
                waiting.add(new Waiting(url, 0));
            }
        }
        for (int i = 0; i < MOST && !waiting.isEmpty(); i++) {
            Waiting next = waiting.remove();
            Asyncio.sleep(pause.get());
            switch (fetch(next.url())) {
                case SiteMapIndex index
                when next.depth() < DEEPEST -> {
                    for (AbstractSiteMap each : index.getSitemaps()) {
                        String url = each.getUrl().toString();
                        if (seen.size() < MOST && seen.add(url)) {
                            waiting.add(new Waiting(url, next.depth() + 1));
                        }
                    }
                }
                case SiteMap map -> {
                    for (SiteMapURL each : map.getSiteMapUrls()) {
                        found.accept(each.getUrl().toString(), next.url());
                    }
                }
                default -> {}
            }
        }
    }

    /** Returns a sitemap; an empty one if it cannot be read. */
    private AbstractSiteMap fetch(String url) {
        try {
            return Asyncio.timeout(TIMEOUT, () -> {
                try (ClientResponse response = session.request(ClientRequest.of("GET", url))) {
                    if (!response.ok()) {
                        return new SiteMap();
                    }
                    byte[] body = response.read();
                    String type = response.contentType();
                    return Asyncio.toThread(() -> parse(url, type, body));
                }
            });
        } catch (AsyncTimeoutException | HttpException e) {
            LOG.debug("sitemap {}", url, e);
            return new SiteMap();
        }
    }

    private static AbstractSiteMap parse(String url, String type, byte[] body) {
        try {
            URL where = URI.create(url).toURL();
            SiteMapParser parser = new SiteMapParser(false, true);
            parser.setStrictNamespace(false);
            boolean packed = body.length > 2 && body[0] == 0x1f && body[1] == (byte) 0x8b;
            if (!packed) {
                return type.equals("application/octet-stream")
                        ? parser.parseSiteMap(body, where)
                        : parser.parseSiteMap(type, body, where);
            }
            try (GZIPInputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(body))) {
                return parser.parseSiteMap(unpacked.readNBytes(MOST_BYTES), where);
            }
        } catch (UnknownFormatException | MalformedURLException e) {
            LOG.debug("{} is no sitemap", url, e);
        } catch (IOException | RuntimeException e) {
            LOG.debug("sitemap {}", url, e);
        }
        return new SiteMap();
    }

    /** Returns where the sitemaps of an origin are: those that its robots.txt names, else the usual place. */
    public static List<String> of(String origin, Robots robots) {
        return robots.sitemaps().isEmpty() ? List.of(origin + "/sitemap.xml") : new ArrayList<>(robots.sitemaps());
    }
}
