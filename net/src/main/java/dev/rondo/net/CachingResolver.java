package dev.rondo.net;

import dev.rondo.Asyncio;
import dev.rondo.Awaitable;
import dev.rondo.EventLoop;
import dev.rondo.Promise;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Asks once for all who want to know at the same time, and remembers the answer for a while. Belongs to one loop.
 *
 * <pre>
 *   resolve ──▶ address in text form? ──▶ remembered? ──▶ being looked up? ──▶ look it up on a thread
 * </pre>
 */
final class CachingResolver implements Resolver {

    /** Returns the lookup itself, which may block. */
    interface Lookup {
        Op.Call<InetAddress[]> of(String name);
    }

    private static final Duration REMEMBER_ADDRESSES = Duration.ofSeconds(10);
    private static final Duration REMEMBER_FAILURE = Duration.ofSeconds(1);
    private static final int MOST_REMEMBERED = 10_000; // about 2 MB; a crawl meets more hosts than that

    private static final Logger LOG = LoggerFactory.getLogger(Resolver.class);

    private final Lookup lookup;
    private final ExecutorService threads;
    private final Map<String, Answer> remembered = new LinkedHashMap<>(); // oldest first
    private final Map<String, List<Promise<Answer, RuntimeException>>> waiting = new HashMap<>();

    CachingResolver(Lookup lookup, ExecutorService threads) {
        this.lookup = lookup;
        this.threads = threads;
    }

    /** What was found out: addresses, or why there are none. */
    private record Answer(
            List<InetAddress> addresses, @Nullable IOException failure, Duration goodUntil) {

        List<InetAddress> take(String host) throws IOException {
            if (failure == null) {
                return addresses;
            }
            UnknownHostException unknown =
                    new UnknownHostException("cannot find host '" + host + "': " + reason(failure));
            unknown.initCause(failure);
            throw unknown;
        }

        /** Returns what went wrong, without the host, which the JDK puts in front. */
        private static String reason(IOException failure) {
            String message = failure.getMessage();
            if (message == null) {
                return failure.toString();
            }
            int colon = message.indexOf(": ");
            return colon < 0 ? message : message.substring(colon + 2);
        }
    }

    @Override
    public List<InetAddress> resolve(String host) throws IOException {
        InetAddress address = Literal.parse(host);
        if (address != null) {
            return List.of(address);
        }
        EventLoop loop = Asyncio.getRunningLoop();
        String name = host.toLowerCase(Locale.ROOT);
        Answer answer = remembered.get(name);
        if (answer == null || answer.goodUntil.compareTo(loop.time()) <= 0) {
            answer = ask(loop, name);
        }
        return answer.take(host);
    }

    /**
     * Waits for the answer. Each who asks waits for a promise of his own, so that one who is cancelled takes nobody
     * along.
     */
    private Answer ask(EventLoop loop, String name) {
        Promise<Answer, RuntimeException> mine = loop.createFuture();
        List<Promise<Answer, RuntimeException>> all = waiting.get(name);
        if (all != null) {
            all.add(mine);
        } else {
            lookUp(loop, name, mine);
        }
        return mine.await();
    }

    private void lookUp(EventLoop loop, String name, Promise<Answer, RuntimeException> first) {
        Op.Call<InetAddress[]> call = lookup.of(name); // which a simulation may refuse
        Duration begin = loop.time();
        List<Promise<Answer, RuntimeException>> asking = new ArrayList<>(List.of(first));
        waiting.put(name, asking); // before anything that may suspend, as handing work to a pool may
        try {
            Awaitable<InetAddress[], IOException> found = loop.runInExecutor(threads, call::call);
            found.addDoneCallback(done -> {
                Answer answer = answer(loop, done);
                if (loop.debug()) {
                    tell(loop, name, answer, loop.time().minus(begin));
                }
                answered(name, answer, asking);
            });
        } catch (Throwable e) { // no thread to be had: others may wait for the answer already
            answered(name, failed(loop, e), asking);
        }
    }

    private static void tell(EventLoop loop, String name, Answer answer, Duration took) {
        boolean slow = took.compareTo(loop.slowCallbackDuration()) >= 0;
        Object found = answer.failure != null ? answer.failure.toString() : answer.addresses;
        LOG.atLevel(slow ? Level.INFO : Level.DEBUG).log("looking up {} took {} ms: {}", name, took.toMillis(), found);
    }

    private void answered(String name, Answer answer, List<Promise<Answer, RuntimeException>> asking) {
        waiting.remove(name);
        remembered.remove(name); // so that it becomes the youngest
        remembered.put(name, answer);
        if (remembered.size() > MOST_REMEMBERED) {
            remembered.remove(remembered.keySet().iterator().next());
        }
        for (Promise<Answer, RuntimeException> each : asking) {
            if (!each.done()) {
                each.setResult(answer);
            }
        }
    }

    private static Answer answer(EventLoop loop, Awaitable<InetAddress[], IOException> found) {
        try {
            return new Answer(List.of(found.result()), null, loop.time().plus(REMEMBER_ADDRESSES));
        } catch (Throwable e) { // errors too, or all who wait would wait for ever
            return failed(loop, e);
        }
    }

    private static Answer failed(EventLoop loop, Throwable failure) {
        IOException reason = failure instanceof IOException e ? e : new IOException(failure.toString(), failure);
        return new Answer(List.of(), reason, loop.time().plus(REMEMBER_FAILURE));
    }
}
