package dev.rondo.scrape.output;

import dev.rondo.scrape.crawl.CrawledPage;
import java.io.BufferedWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.netpreserve.jwarc.MediaType;
import org.netpreserve.jwarc.MessageVersion;
import org.netpreserve.jwarc.WarcCompression;
import org.netpreserve.jwarc.WarcDigest;
import org.netpreserve.jwarc.WarcRecord;
import org.netpreserve.jwarc.WarcResponse;
import org.netpreserve.jwarc.WarcRevisit;
import org.netpreserve.jwarc.WarcWriter;
import org.netpreserve.jwarc.Warcinfo;
import org.netpreserve.jwarc.cdx.CdxFormat;
import org.netpreserve.jwarc.cdx.CdxWriter;

/**
 * An archive: WARC 1.1, each record compressed by itself, and behind the last an index of it in CDXJ. Bodies are kept
 * decoded; the headers that said how they were coded have {@code X-Archive-Orig-} in front. A body that was there
 * before is a revisit of it, and so is a page that has not changed since an earlier crawl. What no answer came to is
 * not there.
 */
final class WarcOutput implements Output {

    private static final Set<String> OF_CODING = Set.of("content-encoding", "transfer-encoding", "content-length");
    private static final int REMEMBERED = 100_000;

    private final Path path;
    private final OutputFile file;

    /** A record that a revisit refers to. */
    private record Capture(URI id, String url, Instant time) {}

    /** The first with each body, by its hash. */
    private final Map<String, Capture> first = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Capture> eldest) {
            return size() > REMEMBERED;
        }
    };

    WarcOutput(Path path, long position) throws IOException {
        this.path = path;
        this.file = new OutputFile(path, position);
    }

    @Override
    public void write(CrawledPage page) throws IOException {
        if (file.isEmpty()) {
            append(new Warcinfo.Builder()
                    .version(MessageVersion.WARC_1_1)
                    .filename(path.getFileName().toString())
                    .fields(Map.of("software", List.of("rondo"), "format", List.of("WARC File Format 1.1")))
                    .build());
        }
        if (page.status() == 0) {
            return;
        }
        String hash = page.body().length == 0 ? null : page.sha256();
        Capture earlier = hash == null ? null : first.get(hash);
        if (page.status() == 304 || earlier != null) {
            append(revisit(page, earlier));
            return;
        }
        var response = new WarcResponse.Builder(URI.create(page.url()))
                .version(MessageVersion.WARC_1_1)
                .date(page.time())
                .payloadDigest(sha1(page.body()))
                .body(MediaType.HTTP_RESPONSE, message(page, page.body()))
                .build();
        if (hash != null) {
            first.put(hash, new Capture(response.id(), page.url(), page.time()));
        }
        append(response);
    }

    private static WarcRecord revisit(CrawledPage page, @Nullable Capture earlier) {
        var builder = new WarcRevisit.Builder(
                        page.url(),
                        earlier == null
                                ? WarcRevisit.SERVER_NOT_MODIFIED_1_1
                                : WarcRevisit.IDENTICAL_PAYLOAD_DIGEST_1_1)
                .version(MessageVersion.WARC_1_1)
                .date(page.time());
        if (earlier != null) {
            builder.refersTo(earlier.id(), earlier.url(), earlier.time()).payloadDigest(sha1(page.body()));
        }
        return builder.body(MediaType.HTTP_RESPONSE, message(page, new byte[0])).build();
    }

    private void append(WarcRecord record) throws IOException {
        try (WarcWriter writer = new WarcWriter(Channels.newChannel(file.stream()), WarcCompression.GZIP)) {
            writer.write(record);
        }
    }

    private static byte[] message(CrawledPage page, byte[] body) {
        var message = new ByteArrayOutputStream(body.length + 1024);
        var head = new StringBuilder("HTTP/1.1 ").append(page.status()).append(" \r\n");
        page.headers().forEach((name, value) -> {
            boolean ofCoding = OF_CODING.contains(name.toLowerCase(Locale.ROOT));
            head.append(ofCoding ? "X-Archive-Orig-" : "")
                    .append(name)
                    .append(": ")
                    .append(value)
                    .append("\r\n");
        });
        head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        message.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        message.writeBytes(body);
        return message.toByteArray();
    }

    /** What indexes of archives are by. */
    private static WarcDigest sha1(byte[] body) {
        try {
            return new WarcDigest("sha1", MessageDigest.getInstance("SHA-1").digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has it", e);
        }
    }

    @Override
    public long commit(boolean toDisk) throws IOException {
        return file.commit(toDisk);
    }

    @Override
    public void finish(boolean complete) throws IOException {
        file.commit(true);
        String name = path.toString();
        Path index = Path.of(name.substring(0, name.length() - ".warc.gz".length()) + ".cdxj");
        try (BufferedWriter out = Files.newBufferedWriter(index);
                CdxWriter writer = new CdxWriter(out)) {
            writer.setFormat(CdxFormat.CDXJ);
            writer.setSort(true);
            writer.process(List.of(path), false);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
