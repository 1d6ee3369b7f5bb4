package dev.rondo.http;

import org.jspecify.annotations.Nullable;

/** A body that announces one length and writes another. */
public record OddBody(long length, String text) implements Body {

    @Override
    public @Nullable String contentType() {
        return null;
    }

    @Override
    public boolean repeatable() {
        return true;
    }

    @Override
    public void writeTo(Sink out) throws HttpException {
        for (int i = 0; i < text.length(); i++) {
            out.write(text.substring(i, i + 1));
            out.write("");
        }
    }
}
