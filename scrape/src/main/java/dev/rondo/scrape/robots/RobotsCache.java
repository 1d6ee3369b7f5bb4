package dev.rondo.scrape.robots;

import crawlercommons.robots.SimpleRobotRules;
import crawlercommons.robots.SimpleRobotRulesParser;
import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.Task;
import dev.rondo.http.HttpException;
import dev.rondo.http.RedirectException;
import dev.rondo.http.client.ClientRequest;
import dev.rondo.http.client.ClientResponse;
import dev.rondo.http.client.ClientSession;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The robots.txt of the origins that a crawl meets: each asked for once a day, and an origin that cannot say (status
 * 429, 500 or more, no answer) again after ten minutes. For the coroutines of one loop.
 */
public final class RobotsCache {

    private static final Logger LOG = LoggerFactory.getLogger(RobotsCache.class);

    private static final int MOST_BYTES = 500 * 1024; // RFC 9309 §2.5
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration GOOD_FOR = Duration.ofHours(24);
    private static final Duration REFUSAL_GOOD_FOR = Duration.ofMinutes(10);

    private final EventLoop loop = Asyncio.getRunningLoop();
    private final ClientSession session;
    private final String agent;
    private final Map<String, Entry> entries = new HashMap<>();

    private record Entry(Task<Robots, RuntimeException> answer, long askedNanos) {}

    /**
     * Makes an empty one.
     *
     * @param session asks, and follows up to so many redirects as its limits say
     * @param agent the product token of the crawler, such as {@code rondo}: letters, {@code -} and {@code _}
     */
    public RobotsCache(ClientSession session, String agent) {
        this.session = session;
        this.agent = agent;
    }

    /**
     * Returns what an origin asks of crawlers. Suspends if it is not known; a cancel gives up the waiting, and the
     * question if nobody else waits for it.
     *
     * @param origin scheme and authority, as {@code https://example.org}
     */
    public Robots of(String origin) {
        Entry entry = entries.get(origin);
        if (entry == null || old(entry)) {
            entry = new Entry(Asyncio.createTask(() -> ask(origin)), now());
            entries.put(origin, entry);
        }
        Task<Robots, RuntimeException> answer = entry.answer();
        return Asyncio.shield(answer);
    }

    private boolean old(Entry entry) {
        Task<Robots, RuntimeException> answer = entry.answer();
        if (!answer.done()) {
            return false;
        }
        boolean refused = answer.cancelled()
                || answer.exception() != null
                || answer.result().unreachable();
        return now() - entry.askedNanos() > (refused ? REFUSAL_GOOD_FOR : GOOD_FOR).toNanos();
    }

    private Robots ask(String origin) {
        try {
            return Asyncio.timeout(TIMEOUT, () -> fetch(origin));
        } catch (AsyncTimeoutException e) {
            return Robots.unreachable("robots.txt did not come within " + TIMEOUT.toSeconds() + " s");
        } catch (RedirectException e) {
            return Robots.ALL_ALLOWED; // RFC 9309 §2.3.1.2: as if there were none
        } catch (HttpException e) {
            LOG.debug("robots.txt of {}", origin, e);
            return Robots.unreachable("robots.txt cannot be read: " + e.getMessage());
        }
    }

    private Robots fetch(String origin) throws HttpException {
        String url = origin + "/robots.txt";
        try (ClientResponse response = session.request(ClientRequest.of("GET", url))) {
            int status = response.status();
            if (status == 429 || status >= 500) {
                return Robots.unreachable("robots.txt has status " + status);
            }
            if (status / 100 != 2) {
                return Robots.ALL_ALLOWED;
            }
            return parse(url, start(response), response.contentType());
        }
    }

    /** Reads as much as counts; the rest, if there is any, is left unread, and the connection with it. */
    private static byte[] start(ClientResponse response) throws HttpException {
        ByteBuffer bytes = ByteBuffer.allocate(8192);
        while (response.content().read(bytes) >= 0) {
            if (!bytes.hasRemaining()) {
                if (bytes.capacity() >= MOST_BYTES) {
                    break;
                }
                bytes = ByteBuffer.allocate(Math.min(MOST_BYTES, 2 * bytes.capacity()))
                        .put(bytes.flip());
            }
        }
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private Robots parse(String url, byte[] text, String contentType) {
        SimpleRobotRules rules = new SimpleRobotRulesParser().parseContent(url, text, contentType, List.of(agent));
        return new Robots(rules, "not allowed", false);
    }

    private long now() {
        return loop.time().toNanos();
    }
}
