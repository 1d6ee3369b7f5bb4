package dev.rondo.http.h1;

import dev.rondo.http.Headers;

/**
 * A request up to its body.
 *
 * @param target path and query, or another form of RFC 9112 §3.2
 * @param http11 whether the version is 1.1, not 1.0
 */
public record RequestHead(String method, String target, boolean http11, Headers headers) {}
