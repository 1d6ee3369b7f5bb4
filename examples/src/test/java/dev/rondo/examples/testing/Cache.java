package dev.rondo.examples.testing;

import static dev.rondo.Asyncio.sleep;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Keeps a value that is slow to read. */
class Cache {

    private String stored = "old";
    protected @Nullable String cached;

    // @start region="cache"
    String get() {
        if (cached == null) {
            keep(readStore()); // others run meanwhile
        }
        return cached;
    }

    void put(String value) {
        cached = value;
        writeStore(value);
    }

    void keep(String read) {
        if (cached == null) {
            cached = read;
        }
    }
    // @end

    private String readStore() {
        String read = stored;
        sleep(Duration.ofMillis(10));
        return read;
    }

    private void writeStore(String value) {
        sleep(Duration.ofMillis(10));
        stored = value;
    }
}
