package dev.rondo.http.websocket;

import dev.rondo.AsyncLock;
import dev.rondo.AsyncTimeoutException;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.http.JsonException;
import dev.rondo.http.encoding.Json;
import dev.rondo.net.ByteStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Messages both ways over one connection (RFC 6455). A client has it from {@code session.webSocket}, a server's handler
 * by {@code Response.webSocket}. In aiohttp: {@code ClientWebSocketResponse}, {@code web.WebSocketResponse}.
 *
 * <pre>{@code
 * try (var socket = session.webSocket("wss://example.org/chat")) {
 *     socket.sendStr("hello");
 *     for (var message : socket) {
 *         print(message);
 *     }
 * }
 * }</pre>
 *
 * <p>One coroutine may receive, while any number send. Nothing is read ahead of who receives: a slow receiver slows the
 * peer down. Pings of the peer are answered while somebody receives.
 *
 * <pre>
 *   OPEN ──▶ CLOSING ──▶ CLOSED      by close(), by the peer's close frame, or for a fault of the peer's
 *     └─────────────────────▲        by abort(), or because the connection broke
 * </pre>
 *
 * <p>For the coroutines of one loop.
 */
public final class WebSocket implements AutoCloseable, Iterable<WebSocketMessage> {

    private enum State {
        OPEN,
        CLOSING,
        CLOSED
    }

    private static final int SMALL_BYTES = 1024; // what a connection at rest holds
    private static final int LARGE_BYTES = 32 * 1024;
    private static final int MAX_REASON_BYTES = FrameWriter.MAX_CONTROL_BYTES - 2;

    /** How much to listen to a peer that has broken the rules, so that it reads why this closes. */
    private static final int DRAIN_BYTES = 16 * 1024 * 1024;

    private static final byte[] NO_PAYLOAD = {};

    private final EventLoop loop;
    private final ByteStream stream;
    private final WebSocketOptions options;
    private final @Nullable String protocol;
    private final @Nullable PerMessageDeflate deflate;
    private final FrameParser parser;
    private final Assembly assembly;
    private final FrameSender sender;
    private final Heartbeat heartbeat;
    private final Runnable onEnd;

    private final AsyncLock readTurn = new AsyncLock();
    private ByteBuffer in; // read and not yet parsed
    private State state = State.OPEN;
    private int closeCode; // 0 until it is known
    private String closeReason = "";
    private @Nullable WebSocketException failure; // what made an end of it, unless it was closed in order

    WebSocket(
            ByteStream stream,
            ByteBuffer begun,
            boolean client,
            WebSocketOptions options,
            @Nullable String protocol,
            @Nullable PerMessageDeflate deflate,
            Runnable onEnd) {
        this.loop = Asyncio.getRunningLoop();
        this.stream = stream;
        this.options = options;
        this.protocol = protocol;
        this.deflate = deflate;
        this.onEnd = onEnd;
        this.parser = new FrameParser(!client, deflate != null, options.maxMessageBytes());
        this.assembly = new Assembly(deflate, options.maxMessageBytes());
        RandomGenerator random = WebSocketKey.random(loop);
        this.sender = new FrameSender(stream, client ? random::nextInt : null, deflate);
        this.in = begun;
        this.heartbeat =
                new Heartbeat(loop, options.heartbeat(), () -> sender.queue(Opcode.PING, NO_PAYLOAD), this::onSilence);
    }

    // --------------------------------------------------------------------------------------------------- receiving

    /**
     * Receives a message. Suspends while there is none. A cancel loses nothing: what has come of a message is there for
     * the next call. In aiohttp: {@code receive()}.
     *
     * @return null if the socket has been closed, by whichever end: {@link #closeCode} tells more
     * @throws WebSocketException if the peer broke the protocol or a limit, or the connection broke: then the socket is
     *     closed, and each later call throws this as well
     * @throws IllegalStateException if another coroutine is receiving
     */
    public @Nullable WebSocketMessage receive() throws WebSocketException {
        if (state != State.OPEN) {
            return end();
        }
        if (readTurn.locked()) {
            throw new IllegalStateException("another coroutine is receiving from " + this);
        }
        try (var _ = readTurn.hold()) {
            return next();
        }
    }

    /**
     * Receives a text, as {@link #receive}. In aiohttp: {@code receive_str()}.
     *
     * @throws WebSocketException as well if bytes came: then they are lost, and the socket is still open
     */
    public @Nullable String receiveStr() throws WebSocketException {
        return switch (receive()) {
            case WebSocketMessage.Text(String text) -> text;
            case WebSocketMessage.Binary binary -> throw unexpected("a text", binary);
            case null -> null;
        };
    }

    /**
     * Receives bytes, as {@link #receive}. In aiohttp: {@code receive_bytes()}.
     *
     * @throws WebSocketException as well if a text came: then it is lost, and the socket is still open
     */
    public byte @Nullable [] receiveBytes() throws WebSocketException {
        return switch (receive()) {
            case WebSocketMessage.Binary(byte[] bytes) -> bytes;
            case WebSocketMessage.Text text -> throw unexpected("bytes", text);
            case null -> null;
        };
    }

    private static WebSocketException unexpected(String wanted, WebSocketMessage came) {
        String what = came instanceof WebSocketMessage.Text ? "a text" : "bytes";
        return new WebSocketException(
                CloseCode.UNSUPPORTED_DATA,
                wanted + " should have come, and " + what + " came: use receive() for both");
    }

    /**
     * Receives a text that is JSON, as {@link #receiveStr}. In aiohttp: {@code receive_json()}.
     *
     * @throws JsonException if it is none, or does not fit the type; the socket is still open
     */
    public <T> @Nullable T receiveJson(Class<T> type) throws WebSocketException, JsonException {
        String text = receiveStr();
        return text == null ? null : Json.read(text, type);
    }

    /** Receives a text that is JSON of any kind: {@link #receiveJson(Class)}. */
    public @Nullable JsonNode receiveJson() throws WebSocketException, JsonException {
        return receiveJson(JsonNode.class);
    }

    /**
     * Returns the messages up to the end, for one {@code for}; {@code hasNext} suspends. It throws an
     * {@link UncheckedIOException} where {@link #receive} throws a {@link WebSocketException}.
     */
    @Override
    public Iterator<WebSocketMessage> iterator() {
        return new Iterator<>() {
            private @Nullable WebSocketMessage next;

            @Override
            public boolean hasNext() {
                if (next == null) {
                    try {
                        next = receive();
                    } catch (WebSocketException e) {
                        throw new UncheckedIOException(e);
                    }
                }
                return next != null;
            }

            @Override
            public WebSocketMessage next() {
                if (!hasNext() || next == null) {
                    throw new NoSuchElementException("the socket is closed");
                }
                WebSocketMessage message = next;
                next = null;
                return message;
            }
        };
    }

    /** Returns that there is nothing more, or throws why. */
    private @Nullable WebSocketMessage end() throws WebSocketException {
        WebSocketException failed = failure;
        if (failed != null) {
            throw new WebSocketException(failed.closeCode(), String.valueOf(failed.getMessage()), failed);
        }
        return null;
    }

    // ------------------------------------------------------------------------------------ receiving: under the turn

    /** Reads up to the next message, or to the end of the socket; in CLOSING up to that, whatever comes before. */
    private @Nullable WebSocketMessage next() throws WebSocketException {
        try {
            while (state != State.CLOSED) {
                switch (parser.next(in)) {
                    case NEED_BYTES -> {
                        if (!fill()) {
                            throw new IOException("the peer hung up without a close frame");
                        }
                    }
                    case PIECE -> {
                        WebSocketMessage message = state == State.OPEN ? assembly.add(parser) : null;
                        if (message != null) {
                            return message;
                        }
                    }
                    case CONTROL -> onControl();
                }
            }
        } catch (WebSocketException violation) {
            onViolation(violation);
            throw violation;
        } catch (IOException broken) {
            onBroken(broken);
        }
        return end();
    }

    /** Reads more, all before having been parsed; returns false at the end of the stream. */
    private boolean fill() throws IOException {
        boolean large = in.capacity() >= LARGE_BYTES;
        boolean full = in.limit() == in.capacity();
        if (large ? in.limit() <= SMALL_BYTES : full || in.capacity() < SMALL_BYTES) {
            in = ByteBuffer.allocate(large || in.capacity() < SMALL_BYTES ? SMALL_BYTES : LARGE_BYTES);
        }
        in.clear();
        heartbeat.beginWait();
        try {
            return stream.read(in) >= 0;
        } finally {
            in.flip(); // after a cancel too: some may have come
            heartbeat.endWait(in.hasRemaining());
        }
    }

    private void onControl() throws WebSocketException {
        ByteBuffer content = parser.content();
        switch (parser.opcode()) {
            case Opcode.PING -> sender.queue(Opcode.PONG, bytes(content));
            case Opcode.CLOSE -> onClose(content);
            default -> {} // a pong: that something has come is all it says
        }
    }

    private static byte[] bytes(ByteBuffer content) {
        var bytes = new byte[content.remaining()];
        content.get(bytes);
        return bytes;
    }

    private void onClose(ByteBuffer content) throws WebSocketException {
        byte[] payload = bytes(content);
        int code = CloseCode.NO_STATUS;
        String reason = "";
        if (payload.length > 0) {
            code = payload.length == 1 ? 0 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
            if (!CloseCode.maySend(code)) {
                throw new WebSocketException(
                        CloseCode.PROTOCOL_ERROR, "the peer broke the WebSocket protocol: it closed with code " + code);
            }
            reason = reason(ByteBuffer.wrap(payload, 2, payload.length - 2));
        }
        closeCode = code;
        closeReason = reason;
        if (state == State.CLOSING) {
            finish();
            return;
        }
        state = State.CLOSING;
        byte[] answer = Arrays.copyOf(payload, Math.min(payload.length, 2));
        sayGoodbye(() -> sender.close(answer));
    }

    private static String reason(ByteBuffer bytes) throws WebSocketException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new WebSocketException(CloseCode.INVALID_TEXT, "the reason of a close frame is not UTF-8", e);
        }
    }

    private void onViolation(WebSocketException violation) {
        failure = violation;
        closeCode = violation.closeCode();
        if (state != State.OPEN) {
            finish();
            return;
        }
        state = State.CLOSING;
        sayGoodbye(() -> {
            sender.close(closePayload(violation.closeCode(), ""));
            sender.endOutput();
            ByteBuffer rest = ByteBuffer.allocate(LARGE_BYTES);
            for (int drained = 0; drained < DRAIN_BYTES; ) {
                int count = stream.read(rest.clear());
                if (count < 0) {
                    return;
                }
                drained += count;
            }
        });
    }

    private void onBroken(IOException broken) {
        if (state == State.OPEN) {
            failure = new WebSocketException(
                    CloseCode.ABNORMAL_CLOSURE, "the connection broke: " + broken.getMessage(), broken);
        }
        finish();
    }

    private void onSilence() {
        if (state == State.OPEN) {
            failure = new WebSocketException(
                    CloseCode.ABNORMAL_CLOSURE,
                    "the peer gave no sign of life within "
                            + options.heartbeat().dividedBy(2) + " of a ping");
            finish();
        }
    }

    // ----------------------------------------------------------------------------------------------------- sending

    /**
     * Sends a text. Suspends until the system has taken all of it. Several coroutines may send: each message goes as a
     * whole. A cancel leaves it sent or not sent, and never half of it. In aiohttp: {@code send_str()}.
     *
     * @throws WebSocketException if the socket is closed, or the connection broke
     */
    public void sendStr(String text) throws WebSocketException {
        send(Opcode.TEXT, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Sends bytes, as {@link #sendStr}; they must not be changed until this returns. In aiohttp: send_bytes(). */
    public void sendBytes(byte[] bytes) throws WebSocketException {
        send(Opcode.BINARY, ByteBuffer.wrap(bytes));
    }

    /** Sends a value as JSON in a text, as {@link #sendStr}. In aiohttp: {@code send_json()}. */
    public void sendJson(Object value) throws WebSocketException {
        send(Opcode.TEXT, ByteBuffer.wrap(Json.write(value)));
    }

    /** Sends a ping, which the peer is to answer. Suspends as {@link #sendStr}. In aiohttp: {@code ping()}. */
    public void ping() throws WebSocketException {
        ping(NO_PAYLOAD);
    }

    /**
     * Sends a ping with a payload.
     *
     * @throws IllegalArgumentException if that has more than 125 bytes
     */
    public void ping(byte[] payload) throws WebSocketException {
        sendControl(Opcode.PING, payload);
    }

    /**
     * Sends a pong that answers no ping; those that do go by themselves. Suspends. In aiohttp: {@code pong()}.
     *
     * @throws IllegalArgumentException if {@code payload} has more than 125 bytes
     */
    public void pong(byte[] payload) throws WebSocketException {
        sendControl(Opcode.PONG, payload);
    }

    private void sendControl(int opcode, byte[] payload) throws WebSocketException {
        if (payload.length > FrameWriter.MAX_CONTROL_BYTES) {
            throw new IllegalArgumentException("a ping or pong has room for " + FrameWriter.MAX_CONTROL_BYTES
                    + " bytes, not for " + payload.length);
        }
        send(opcode, ByteBuffer.wrap(payload));
    }

    private void send(int opcode, ByteBuffer payload) throws WebSocketException {
        if (state != State.OPEN) {
            throw closedAlready(null);
        }
        try {
            sender.send(opcode, payload);
        } catch (IOException broken) {
            throw state == State.OPEN
                    ? new WebSocketException(
                            CloseCode.ABNORMAL_CLOSURE,
                            "the connection broke while sending: " + broken.getMessage(),
                            broken)
                    : closedAlready(broken);
        }
    }

    private WebSocketException closedAlready(@Nullable IOException cause) {
        int code = closeCode == 0 ? CloseCode.OK : closeCode;
        return new WebSocketException(code, "nothing can be sent any more: " + this, cause);
    }

    // ----------------------------------------------------------------------------------------------------- closing

    /** Closes with {@link CloseCode#OK}: {@link #close(int, String)}. */
    @Override
    public void close() {
        close(CloseCode.OK, "");
    }

    /**
     * Says goodbye, waits for the peer to do so as well, and closes the connection. Messages that come meanwhile are
     * dropped; a coroutine that receives gets null. Suspends, no longer than {@link WebSocketOptions#closeTime}; a
     * cancel closes the connection at once. Does nothing if the socket is closed. In aiohttp: {@code close()}.
     *
     * @param reason for people, of 123 bytes in UTF-8 at most
     * @throws IllegalArgumentException if there is no such code to be sent, or {@code reason} is too long
     */
    public void close(int code, String reason) {
        if (!CloseCode.maySend(code)) {
            throw new IllegalArgumentException(
                    "no close frame may have the code " + code + ": 1000 to 1014 but 1004 to 1006, or 3000 to 4999");
        }
        byte[] payload = closePayload(code, reason);
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSING;
        sayGoodbye(() -> {
            sender.close(payload);
            try (var _ = readTurn.hold()) { // who receives reads up to the end; if nobody does, it is done here
                next();
            }
        });
    }

    private static byte[] closePayload(int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        if (text.length > MAX_REASON_BYTES) {
            throw new IllegalArgumentException(
                    "a close frame has room for " + MAX_REASON_BYTES + " bytes of reason, not for " + text.length);
        }
        return ByteBuffer.allocate(2 + text.length)
                .putShort((short) code)
                .put(text)
                .array();
    }

    private interface Goodbye {
        void say() throws IOException;
    }

    /** Runs what has to be said within the time there is for it, and closes the stream whatever comes of that. */
    private void sayGoodbye(Goodbye goodbye) {
        Duration limit = options.closeTime();
        try {
            Asyncio.timeout(limit.isZero() ? null : limit, goodbye::say);
        } catch (AsyncTimeoutException tooSlow) {
            // the peer could have answered
        } catch (IOException broken) {
            // then there is nobody to say it to
        } finally {
            finish();
        }
    }

    /** Closes at once, without a goodbye: the peer sees a broken connection. Never suspends; idempotent. */
    public void abort() {
        finish();
    }

    private void finish() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        if (closeCode == 0) {
            closeCode = CloseCode.ABNORMAL_CLOSURE;
        }
        heartbeat.close();
        stream.close();
        if (deflate != null) {
            deflate.close();
        }
        onEnd.run();
    }

    // --------------------------------------------------------------------------------------------------- what it is

    /** Returns whether it is closed, or about to be: nothing can be sent any more. In aiohttp: {@code closed}. */
    public boolean closed() {
        return state != State.OPEN;
    }

    /**
     * Returns why it was closed, a code of {@link CloseCode} or of the application: the peer's word, or this end's if
     * the peer was at fault; 0 as long as that is not known. In aiohttp: {@code close_code}.
     */
    public int closeCode() {
        return closeCode;
    }

    /** Returns what the peer said when it closed; empty if it did not say. */
    public String closeReason() {
        return closeReason;
    }

    /** Returns the protocol of {@link WebSocketOptions#protocols} that was agreed on, or null. In aiohttp: protocol. */
    public @Nullable String protocol() {
        return protocol;
    }

    /** Returns whether messages are deflated, where that is worth it. In aiohttp: {@code compress}. */
    public boolean compressed() {
        return deflate != null;
    }

    @Override
    public String toString() {
        return "WebSocket[" + stream.remoteAddress() + ", " + state + (closeCode == 0 ? "" : " " + closeCode) + "]";
    }
}
