/**
 * HTTP: the values and failures that client and server share.
 *
 * <pre>
 *                      dev.rondo.http.testing             for tests of servers
 *            ┌──────────────┴───────────┐
 *            ▼                          ▼
 *   dev.rondo.http.client      dev.rondo.http.server      what a user types
 *            │                          │
 *            ├─────▶ dev.rondo.http.websocket ◀─────┤     what a user types, behind an upgrade
 *            ▼                          ▼
 *   dev.rondo.http.encoding   dev.rondo.http.h1, .h2      content codings and charsets; HTTP on a byte stream
 *            │                          │
 *            └──────────────┬───────────┘
 *                           ▼
 *                     dev.rondo.http                      Url, Headers, Body, Cookie, Form …, HttpException
 * </pre>
 *
 * <p>Arrows point down and nowhere else. Below this floor are the byte streams of {@code dev.rondo.net}; {@code h1},
 * {@code h2} and {@code websocket} are the only packages that read and write them, and their parsers never do.
 */
@NullMarked
package dev.rondo.http;

import org.jspecify.annotations.NullMarked;
