/**
 * Content codings and charsets: what a body's bytes stand for. Does no I/O; exported to our own modules only.
 *
 * <pre>
 *   Codings ──▶ ContentCoding ──▶ ContentDecoder ◀── DecoderChain     found once in a JVM, by ServiceLoader too
 *      │                    └───▶ ContentEncoder
 *      └──────▶ CharsetDetector ◀── Charsets ──▶ Utf8
 * </pre>
 */
@NullMarked
package dev.rondo.http.encoding;

import org.jspecify.annotations.NullMarked;
