package dev.rondo.http.websocket;

import dev.rondo.EventLoop;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.random.RandomGenerator;

/** The key of a client, and what a server makes of it to show that it has understood (RFC 6455 §4.2.2). */
final class WebSocketKey {

    private static final String SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private WebSocketKey() {}

    /** Holds what takes a moment to be made. */
    private static final class Random {
        static final SecureRandom SECURE = new SecureRandom();
    }

    /** Returns where keys and masks come from: nobody may foretell them, but in a simulated run. */
    static RandomGenerator random(EventLoop loop) {
        return loop.simulated() ? loop.random() : Random.SECURE;
    }

    static String make(RandomGenerator random) {
        var bytes = new byte[16];
        random.nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    static String accept(String key) {
        try {
            byte[] salted = (key + SALT).getBytes(StandardCharsets.ISO_8859_1);
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(salted));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-1", e);
        }
    }
}
