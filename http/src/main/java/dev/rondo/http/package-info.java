/**
 * HTTP: the values and failures that client and server share.
 *
 * <pre>
 *   dev.rondo.http.client      dev.rondo.http.server      what a user types
 *            │                          │
 *            ├──────────────┬───────────┤
 *            ▼              ▼           ▼
 *   dev.rondo.http.encoding   dev.rondo.http.h1           content codings and charsets; HTTP/1.1 on a byte stream
 *            │                          │
 *            └──────────────┬───────────┘
 *                           ▼
 *                     dev.rondo.http                      Url, Headers, Body, Cookie, Form …, HttpException
 * </pre>
 *
 * <p>Arrows point down and nowhere else. Below this floor are the byte streams of {@code dev.rondo.net}; {@code h1} is
 * the only package that reads and writes them, and its parser and writer never do.
 */
@NullMarked
package dev.rondo.http;

import org.jspecify.annotations.NullMarked;
