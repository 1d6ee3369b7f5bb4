package dev.rondo.scrape.output;

import dev.rondo.scrape.crawl.CrawledPage;
import java.io.Closeable;
import java.io.IOException;

/**
 * Where the pages of a crawl go. It is opened at a position, 0 for a new one: what lies behind it, the work of a crawl
 * that was killed, is cut off. The crawl keeps the position that {@link #commit} returns together with what it has
 * done, so that each page is in the output once, whatever happens.
 *
 * <p>Called on one thread at a time, which may wait for a disk: never the loop's.
 */
public interface Output extends Closeable {

    /** Adds a page: in the order in which they were done. */
    void write(CrawledPage page) throws IOException;

    /**
     * Hands what was written to the operating system, so that a killed process loses nothing of it.
     *
     * @param toDisk whether to wait until it is on the disk as well
     * @return where the output ends now: what it is to be opened at to go on here
     */
    long commit(boolean toDisk) throws IOException;

    /**
     * Ends the output: writes what stands behind all pages. {@link #close} follows.
     *
     * @param complete whether the crawl is; if not, it may go on later, at the position of the last commit
     */
    default void finish(boolean complete) throws IOException {}

    /** Closes the files. What was not committed may be there or not. */
    @Override
    void close() throws IOException;
}
