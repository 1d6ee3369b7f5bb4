package dev.rondo.net;

import dev.rondo.Asyncio;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Another stream, whose every read is begun a while after it was asked for. */
final class Sluggish extends StreamOver {

    private final Duration delay;

    Sluggish(ByteStream inner, Duration delay) {
        super(inner);
        this.delay = delay;
    }

    @Override
    public int read(ByteBuffer dst) throws IOException {
        Asyncio.sleep(delay);
        return inner.read(dst);
    }
}
