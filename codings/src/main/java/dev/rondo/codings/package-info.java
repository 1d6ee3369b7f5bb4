/**
 * The content codings br and zstd, and a charset detector, as services for {@code dev.rondo.http.encoding}; there is
 * nothing to call.
 *
 * <pre>
 *   BrotliCoding ──▶ BrotliDecoder, BrotliEncoder      brotli4j: native
 *          └───────▶ PlainBrotliDecoder                org.brotli.dec: where that does not load
 *   ZstdCoding ────▶ ZstdDecoder ──▶ ZstdFrameHeader   zstd-jni: native
 *          └───────▶ ZstdEncoder
 *   GuessedCharset                                     juniversalchardet
 * </pre>
 *
 * <p>Native code is loaded once, off the loop. The JVM warns of it unless it is started with
 * {@code --enable-native-access=ALL-UNNAMED}. What a decoder or an encoder holds outside the heap it gets when it is
 * first used and frees when it is closed.
 */
@NullMarked
package dev.rondo.codings;

import org.jspecify.annotations.NullMarked;
