package dev.rondo.http;

import org.jspecify.annotations.Nullable;

/** A body that is made while it is sent. */
record StreamBody(@Nullable String contentType, Writing writing) implements Body {

    @Override
    public long length() {
        return -1;
    }

    @Override
    public boolean repeatable() {
        return false;
    }

    @Override
    public void writeTo(Sink out) throws Exception {
        writing.writeTo(out);
    }

    @Override
    public String toString() {
        return "Body[made while it is sent]";
    }
}
