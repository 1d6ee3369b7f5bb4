package dev.rondo.scrape.frontier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrawlStoreTest {

    @TempDir
    private Path directory;

    private Path file() {
        return directory.resolve("a.crawl");
    }

    private static Found found(long id, String path, int depth) {
        return new Found(id, "http://h" + path, "http://h", depth, "", 0);
    }

    private static Done done(long id, String... links) {
        return new Done(id, 200, null, "\"t" + id + "\"", null, "5ha" + id, "text/html", List.of(links));
    }

    @Test
    void whatWasNotCommittedIsForgotten() throws SQLException {
        try (CrawlStore store = CrawlStore.open(file())) {
            store.beginRun();
            store.found(List.of(found(1, "/a", 0), found(2, "/b", 1)));
            store.done(done(1));
            store.setPosition("out", 100);
            store.commit();
            store.done(done(2));
            store.setPosition("out", 200);
        }
        try (CrawlStore store = CrawlStore.open(file())) {
            assertThat(store.run()).isEqualTo(1);
            assertThat(store.finished()).isFalse();
            assertThat(store.position("out")).isEqualTo(100);
            assertThat(store.waiting("http://h", -1, 0, 10)).containsExactly(found(2, "/b", 1));
            Map<String, Integer> waiting = new HashMap<>();
            store.waitingOrigins(waiting::put);
            assertThat(waiting).containsExactly(Map.entry("http://h", 1));
        }
    }

    @Test
    void theNearestWaitFirst() throws SQLException {
        try (CrawlStore store = CrawlStore.temporary()) {
            store.beginRun();
            store.found(List.of(found(1, "/far", 5), found(2, "/near", 1), found(3, "/near2", 1), found(4, "/mid", 3)));
            assertThat(store.waiting("http://h", -1, 0, 3))
                    .extracting(Found::id)
                    .containsExactly(2L, 3L, 4L);
            assertThat(store.waiting("http://h", 1, 2, 10))
                    .extracting(Found::id)
                    .containsExactly(3L, 4L, 1L);
            assertThat(store.waiting("http://other", -1, 0, 10)).isEmpty();
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anotherRunFindsAllAnewAndKnowsWhatTheLastLearnt() throws SQLException {
        try (CrawlStore store = CrawlStore.open(file())) {
            store.beginRun();
            store.found(List.of(found(1, "/a", 0)));
            store.done(done(1, "http://h/b", "http://h/b", "http://o/"));
            store.finishRun();
            store.commit();
            assertThat(store.finished()).isTrue();

            store.beginRun();
            assertThat(store.finished()).isFalse();
            List<String> seen = new ArrayList<>();
            store.eachFound((url, depth) -> seen.add(url));
            assertThat(seen).isEmpty();
            store.found(List.of(found(2, "/a", 0)));
            assertThat(store.known("http://h/a"))
                    .isEqualTo(new Known(
                            "\"t1\"", null, "5ha1", "text/html", List.of("http://h/b", "http://h/b", "http://o/")));
            assertThat(store.known("http://h/new")).isNull();
            assertThat(store.waiting("http://h", -1, 0, 10)).hasSize(1);
            store.done(new Done(2, 304, null, "\"t1\"", null, "5ha1", "text/html", null));
            store.commit();
            assertThat(store.known("http://h/a").links()).hasSize(3);
            assertThat(store.waiting("http://h", -1, 0, 10)).isEmpty();
        }
    }

    @Test
    void linksOfAnyKindComeOutAsTheyWere() {
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            List<String> links = new ArrayList<>();
            for (int k = random.nextInt(50); k > 0; k--) {
                links.add("http://h/" + "a".repeat(random.nextInt(400)) + random.nextInt(3));
            }
            assertThat(PackedLinks.unpack(PackedLinks.pack(links))).isEqualTo(links);
        }
        assertThat(PackedLinks.unpack(new byte[0])).isEmpty();
    }

    @Test
    void twoCrawlsDoNotShareAFile() throws SQLException {
        try (CrawlStore store = CrawlStore.open(file())) {
            store.beginRun();
            assertThatThrownBy(() -> CrawlStore.open(file()).beginRun())
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("locked");
        }
    }

    @Test
    void whatIsNoStoreIsSaid() throws Exception {
        Files.writeString(file(), "this is a letter to a friend, and no database at all".repeat(100));
        assertThatThrownBy(() -> CrawlStore.open(file())).isInstanceOf(SQLException.class);
        assertThat(Files.readString(file())).startsWith("this is a letter");
    }

    @Test
    void aTemporaryOneIsGoneWhenItIsClosed() throws Exception {
        long before = stores();
        CrawlStore.temporary().close();
        assertThat(stores()).isEqualTo(before);
    }

    private static long stores() throws java.io.IOException {
        try (var files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(each -> each.getFileName().toString().startsWith("rondo-crawl"))
                    .count();
        }
    }
}
