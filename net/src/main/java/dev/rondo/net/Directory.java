package dev.rondo.net;

import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;

/** An open directory, read in batches. One coroutine at a time reads. */
final class Directory implements DirectoryStream<Path>, Iterator<Path> {

    static final int BATCH = 256;

    private final EventLoop loop;
    private final Path path;
    private final Fd fd; // sees to it that the directory is closed, when the loop is at the latest
    private final Iterator<Path> names; // used by the threads for files, one at a time
    private final ArrayDeque<Path> batch = new ArrayDeque<>(); // read, and not given away
    private boolean iterated;
    private boolean reading;
    private boolean ended;

    private Directory(EventLoop loop, Path path, DirectoryStream<Path> stream) {
        this.loop = loop;
        this.path = path;
        this.fd = loop.driver().source(closing(stream));
        this.names = stream.iterator();
    }

    static Directory open(Path path) throws IOException {
        EventLoop loop = Asyncio.getRunningLoop();
        Op.Blocking<DirectoryStream<Path>> open =
                new Op.Blocking<>(() -> Files.newDirectoryStream(path), Directory::closeQuietly, true);
        Directory directory = null;
        boolean given = false;
        try {
            loop.perform(open);
            given = true;
        } finally {
            if (open.result != null) {
                directory = new Directory(loop, path, open.result);
                if (!given) { // a cancel came when it was open already
                    directory.close();
                }
            }
        }
        if (directory == null) {
            throw new IllegalStateException("the driver opened nothing for " + path);
        }
        return directory;
    }

    private static void closeQuietly(DirectoryStream<Path> stream) {
        try {
            stream.close();
        } catch (IOException e) {
            // Nothing was written, so nothing is lost.
        }
    }

    private static InputStream closing(DirectoryStream<Path> stream) {
        return new InputStream() {
            @Override
            public int read() {
                return -1;
            }

            @Override
            public void close() throws IOException {
                stream.close();
            }
        };
    }

    // ------------------------------------------------------------------------------------------------ reading

    @Override
    public Iterator<Path> iterator() {
        if (iterated) {
            throw new IllegalStateException("a directory stream is read once: open " + path + " again");
        }
        iterated = true;
        return this;
    }

    @Override
    public boolean hasNext() {
        try {
            return fill();
        } catch (IOException e) {
            throw new DirectoryIteratorException(e);
        }
    }

    @Override
    public Path next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no more in " + path);
        }
        return batch.remove();
    }

    /** Returns all that is still to come. */
    Stream<Path> rest() throws IOException {
        List<Path> all = new ArrayList<>();
        while (fill()) {
            all.addAll(batch);
            batch.clear();
        }
        return all.stream();
    }

    /** Sees to it that the batch has something; returns false at the end. */
    private boolean fill() throws IOException {
        if (!fd.isOpen()) {
            return false;
        }
        if (batch.isEmpty() && !ended) {
            readBatch();
        }
        return !batch.isEmpty();
    }

    private void readBatch() throws IOException {
        if (reading) {
            throw new IllegalStateException("another coroutine is already reading the directory " + path);
        }
        Op.Blocking<List<Path>> read = Op.Blocking.toTheEnd(this::nextNames);
        reading = true;
        try {
            loop.perform(read);
        } finally {
            reading = false;
            List<Path> names = read.result;
            if (names != null) { // after a cancel too
                batch.addAll(names);
                ended = names.isEmpty();
            }
        }
    }

    /** On a thread for files. */
    private List<Path> nextNames() throws IOException {
        List<Path> some = new ArrayList<>();
        try {
            while (some.size() < BATCH && names.hasNext()) {
                some.add(names.next());
            }
        } catch (DirectoryIteratorException e) {
            if (some.isEmpty()) {
                throw e.getCause();
            } // otherwise the next batch meets it
        } catch (
                @SuppressWarnings("UnusedException")
                NoSuchElementException closedMeanwhile) {
            return some;
        }
        return some;
    }

    @Override
    public void close() {
        fd.close();
    }

    @Override
    public String toString() {
        return "Directory[" + path + (fd.isOpen() ? "" : ", closed") + "]";
    }
}
