package dev.rondo.scrape.crawl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.Asyncio;
import dev.rondo.Task;
import dev.rondo.net.ByteStream;
import dev.rondo.net.Listener;
import dev.rondo.net.Net;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** A site of traps, one for a path, among pages that are healthy: all of these are found, and the crawl ends. */
class HostileSiteTest {

    /** What is sent for a path, byte for byte. */
    private interface Answer {
        void send(String target, ByteStream out) throws IOException;
    }

    private final Map<String, Answer> answers = new LinkedHashMap<>();
    private final Map<String, Integer> asked = new TreeMap<>();
    private int pages;

    private static void send(ByteStream out, String text) throws IOException {
        out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static void page(ByteStream out, String body) throws IOException {
        page(out, "", body.getBytes(StandardCharsets.UTF_8));
    }

    private static void page(ByteStream out, String headers, byte[] body) throws IOException {
        send(
                out,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + headers + "Content-Length: " + body.length
                        + "\r\nConnection: close\r\n\r\n");
        out.write(ByteBuffer.wrap(body));
    }

    private static void redirect(ByteStream out, String location) throws IOException {
        send(out, "HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }

    private static String link(String target) {
        return "<a href=\"" + target + "\">on</a>";
    }

    private static void forever(ByteStream out, String head, String piece) throws IOException {
        send(out, head);
        while (true) {
            send(out, piece);
            Asyncio.yieldNow();
        }
    }

    private static byte[] bomb(int megabytes) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            for (int i = 0; i < megabytes; i++) {
                gzip.write(new byte[1 << 20]);
            }
        }
        return bytes.toByteArray();
    }

    private void healthy(String target, String... links) {
        StringBuilder body = new StringBuilder("healthy " + ++pages);
        for (String each : links) {
            body.append(link(each));
        }
        answers.put(target, (asked, out) -> page(out, body.toString()));
    }

    private void traps() throws IOException {
        answers.put("/calendar", (target, out) -> {
            int month = target.indexOf('?') < 0 ? 0 : Integer.parseInt(target.substring(target.indexOf('=') + 1));
            page(out, link("/calendar?month=" + (month + 1)) + "month " + month);
        });
        answers.put("/deeper/", (target, out) -> page(out, link("x/") + target));
        answers.put("/permute", (target, out) -> {
            StringBuilder links = new StringBuilder(target);
            for (String order : new String[] {"a=1&b=2", "b=2&a=1", "a=1&b=2&c=3", "c=3&b=2&a=1"}) {
                links.append(link("/permute?" + order + "&n=" + asked.size()
                        + asked.values().stream().mapToInt(n -> n).sum()));
            }
            page(out, links.toString());
        });
        answers.put(
                "/session",
                (target, out) -> page(
                        out,
                        link("/session;jsessionid="
                                + Long.toHexString(0x1234567890abcdL
                                        + asked.values().stream()
                                                .mapToInt(n -> n)
                                                .sum()))));
        answers.put("/circle1", (target, out) -> redirect(out, "/circle2"));
        answers.put("/circle2", (target, out) -> redirect(out, "/circle1"));
        answers.put("/hop", (target, out) -> {
            int hop = target.indexOf('?') < 0 ? 0 : Integer.parseInt(target.substring(5));
            redirect(out, "/hop?" + (hop + 1));
        });
        answers.put("/elsewhere", (target, out) -> redirect(out, "http://127.0.0.9/secret"));
        answers.put("/nowhere", (target, out) -> redirect(out, "gopher://h/"));
        answers.put("/bomb", (target, out) -> page(out, "Content-Encoding: gzip\r\n", bomb(100)));
        answers.put(
                "/endless",
                (target, out) -> forever(
                        out,
                        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n",
                        "4000\r\n" + "x".repeat(0x4000) + "\r\n"));
        answers.put(
                "/headers",
                (target, out) -> forever(out, "HTTP/1.1 200 OK\r\n", "X-More: " + "x".repeat(1000) + "\r\n"));
        answers.put(
                "/large",
                (target, out) -> send(
                        out, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999999999\r\n\r\nx"));
        answers.put(
                "/short",
                (target, out) ->
                        send(out, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\nshort"));
        answers.put("/silent", (target, out) -> Asyncio.sleep(Duration.ofHours(1)));
        answers.put("/rubbish", (target, out) -> send(out, "\0\1\2 this is no HTTP \r\n\r\n"));
        answers.put("/hangup", (target, out) -> {});
        answers.put("/farm", (target, out) -> {
            StringBuilder links = new StringBuilder();
            for (int i = 0; i < 100_000; i++) {
                links.append(link("http://other" + i + ".invalid/"));
            }
            page(out, links.toString());
        });
        answers.put(
                "/base",
                (target, out) -> page(
                        out,
                        "<base href='javascript:x'>" + link("/behind-base") + "<base href=http://other.invalid/>"));
        answers.put(
                "/schemes",
                (target, out) -> page(
                        out,
                        link("data:text/html,x")
                                + link("javascript:void(0)")
                                + link("mailto:a@b")
                                + link("tel:1")
                                + link("http://[::1")
                                + link("http://256.1.1.1/")
                                + link("//")));
        answers.put("/charset", (target, out) -> {
            byte[] body = (link("/behind-charset") + "\u00e4").getBytes(StandardCharsets.ISO_8859_1);
            send(
                    out,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=no-such-thing\r\nContent-Length: "
                            + body.length + "\r\nConnection: close\r\n\r\n");
            out.write(ByteBuffer.wrap(body));
        });
        answers.put("/long", (target, out) -> page(out, link("/" + "y".repeat(3000))));
    }

    private void serve(ByteStream client) {
        try (client) {
            StringBuilder head = new StringBuilder();
            ByteBuffer bytes = ByteBuffer.allocate(4096);
            while (head.indexOf("\r\n\r\n") < 0 && client.read(bytes.clear()) >= 0) {
                head.append(StandardCharsets.ISO_8859_1.decode(bytes.flip()));
            }
            if (head.isEmpty()) {
                return;
            }
            String target = head.toString().split(" ")[1];
            asked.merge(target, 1, Integer::sum);
            answer(target).send(target, client);
        } catch (IOException gone) {
            // the crawler has had enough
        }
    }

    private final List<Task<?, ?>> clients = new ArrayList<>();

    private void acceptAll(Listener listener) throws IOException {
        while (true) {
            ByteStream client = listener.accept();
            clients.add(Asyncio.createTask(() -> serve(client)));
        }
    }

    private Answer answer(String target) {
        String longest = null;
        for (String each : answers.keySet()) {
            boolean beginning = target.equals(each)
                    || target.startsWith(each + "?")
                    || target.startsWith(each + ";")
                    || (each.equals("/deeper/") && target.startsWith(each));
            longest = beginning ? each : longest;
        }
        return longest == null
                ? (ignored, out) ->
                        send(out, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                : answers.get(longest);
    }

    @Test
    void everyHealthyPageIsFoundAndEveryTrapIsInTheReport() throws Exception {
        traps();
        String[] all = answers.keySet().toArray(String[]::new);
        healthy("/", all);
        healthy("/behind-base", "/healthy1");
        healthy("/behind-charset", "/healthy2");
        healthy("/healthy1", "/healthy3");
        healthy("/healthy2");
        healthy("/healthy3", "/");
        List<CrawledPage> crawled = new ArrayList<>();
        Map<String, String> errors = new TreeMap<>();
        CrawlReport report = Asyncio.run(() -> {
            try (Listener listener = Net.listen("127.0.0.1", 0)) {
                Task<?, IOException> accepting = Asyncio.createTask(() -> acceptAll(listener));
                String host = "http://127.0.0.1:" + port(listener);
                CrawlReport done = Crawler.create()
                        .start(host + "/")
                        .delay(Duration.ZERO)
                        .timeout(Duration.ofSeconds(3))
                        .retries(0)
                        .pageBytes(2 << 20)
                        .pages(5000)
                        .scope(url -> url.host().startsWith("127.0.0."))
                        .onPage(page -> {
                            crawled.add(page);
                            if (page.error() != null) {
                                errors.put(page.url().replace(host, ""), page.error());
                            }
                        })
                        .run();
                clients.forEach(Task::cancel);
                accepting.cancel();
                return done;
            }
        });
        assertThat(crawled)
                .filteredOn(page -> page.ok() && page.text().startsWith("healthy"))
                .hasSize(pages);
        assertThat(errors.get("/bomb")).contains("2 MiB");
        assertThat(errors.get("/endless")).contains("2 MiB");
        assertThat(errors.get("/large")).isNotNull();
        assertThat(errors.get("/headers")).isNotNull();
        assertThat(errors.get("/short")).contains("connection closed after 5 of 1,000 bytes");
        assertThat(errors.get("/silent")).isEqualTo("timed out after 3 s");
        assertThat(errors.get("/rubbish")).isNotNull();
        assertThat(errors.get("/hangup")).isNotNull();
        assertThat(errors.get("/nowhere")).contains("gopher://h/");
        assertThat(errors.get("/hop?10")).contains("more than 10 redirects");
        assertThat(asked.get("/circle1")).isEqualTo(1);
        assertThat(report.passedOver().keySet())
                .anyMatch(reason -> reason.contains("127.0.0.9, which is no public address"))
                .anyMatch(reason -> reason.contains("more than 1000 queries of"))
                .anyMatch(reason -> reason.contains("segment"))
                .anyMatch(reason -> reason.contains("but for a session"))
                .anyMatch(reason -> reason.contains("longer than 2083"));
    }

    private static int port(Listener listener) {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }
}
