package dev.rondo.scrape;

import dev.rondo.scrape.frontier.CrawlStore;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files in which crawls are kept, with the command line that began each. */
final class CrawlStores {

    private static final String ARGUMENTS = "arguments";

    /** A store, and the arguments that it was begun with. */
    record Kept(Path file, List<String> arguments) {}

    private CrawlStores() {}

    /**
     * Prepares a store for a new run.
     *
     * @param restart whether to forget what an earlier one has left
     * @throws UnusableFileException if a crawl in it is not at its end
     */
    static Kept begin(Path file, boolean restart, List<String> arguments) throws IOException {
        if (restart) {
            for (String end : List.of("", "-wal", "-shm")) {
                Files.deleteIfExists(Path.of(file + end));
            }
        }
        try (CrawlStore store = CrawlStore.open(file)) {
            if (store.run() > 0 && !store.finished()) {
                throw new UnusableFileException(
                        file + " has a crawl that is not at its end: go on with it by --resume, or forget it by"
                                + " --restart",
                        null);
            }
            store.set(ARGUMENTS, String.join("\n", arguments));
            store.commit();
        } catch (SQLException e) {
            throw new UnusableFileException("cannot use the store " + file + ": " + e.getMessage(), e);
        }
        return new Kept(file, arguments);
    }

    /**
     * Finds a crawl that is not at its end.
     *
     * @param file where it is; null for the only one in this directory
     */
    static Kept unfinished(@Nullable Path file) throws IOException {
        if (file != null) {
            Kept kept = Files.exists(file) ? unfinishedIn(file) : null;
            if (kept == null) {
                throw new UnusableFileException(file + " has no crawl to go on with", null);
            }
            return kept;
        }
        List<Kept> all = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(""), "*.crawl")) {
            for (Path each : files) {
                Kept kept = unfinishedIn(each);
                if (kept != null) {
                    all.add(kept);
                }
            }
        }
        if (all.size() != 1) {
            throw new UnusableFileException(
                    all.isEmpty()
                            ? "there is no crawl to go on with in this directory; say --store FILE"
                            : "several crawls are not at their end; say --store with one of "
                                    + all.stream().map(Kept::file).toList(),
                    null);
        }
        return all.getFirst();
    }

    private static @Nullable Kept unfinishedIn(Path file) throws UnusableFileException {
        try (CrawlStore store = CrawlStore.open(file)) {
            String arguments = store.setting(ARGUMENTS, "");
            boolean unfinished = store.run() > 0 && !store.finished() && !arguments.isEmpty();
            return unfinished ? new Kept(file, List.of(arguments.split("\n"))) : null;
        } catch (SQLException e) {
            throw new UnusableFileException("cannot use the store " + file + ": " + e.getMessage(), e);
        }
    }
}
