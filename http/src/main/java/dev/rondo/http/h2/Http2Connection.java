package dev.rondo.http.h2;

import dev.rondo.AsyncEvent;
import dev.rondo.Asyncio;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.Task;
import dev.rondo.TaskOptions;
import dev.rondo.TimerHandle;
import dev.rondo.http.Headers;
import dev.rondo.http.h1.RequestHead;
import dev.rondo.http.h1.ResponseHead;
import dev.rondo.net.ByteStream;
import dev.rondo.net.TlsStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.MetaData;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 on one byte stream, from either end: many requests at a time.
 *
 * <pre>
 *   OPEN ──goodbye of either side: no new streams──▶ LEAVING ──no stream is left, after shutdown()──▶ ENDING
 *     └──────┴── an error of the peer's: goodbye, streams fail ──▶ ENDING ──all written, peer gone or too slow──▶ CLOSED
 *     └──────┴── the byte stream broke, close() ──────────────────────────────────────────────────────────────▶ CLOSED
 * </pre>
 *
 * <p>Two tasks of its own read and write; those who use it may be cancelled at any time. Loop thread only.
 */
public final class Http2Connection implements AutoCloseable {

    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int GOAWAY = 7;
    private static final int WINDOW_UPDATE = 8;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 0x1;
    private static final int ACK = 0x1;
    private static final int END_HEADERS = 0x4;

    private static final int FIRST_WINDOW = 65_535;
    private static final int FRAME_BYTES = 16 * 1024; // the least that a peer must take, and enough
    private static final int READ_BYTES = 32 * 1024;
    private static final int REMEMBERED = 1000; // streams that have ended, to tell late frames from wrong ones
    private static final Duration LINGER = Duration.ofSeconds(2); // for the peer to read our goodbye
    private static final Duration ROUND_TRIP = Duration.ofSeconds(1); // for requests on their way at a goodbye

    private enum State {
        OPEN,
        LEAVING,
        ENDING,
        CLOSED
    }

    final EventLoop loop = Asyncio.getRunningLoop();
    final Http2Options options;
    private final ByteStream stream;
    private final @Nullable StreamHandler handler; // of a server
    private final Output output;
    private final HeadEncoder encoder = new HeadEncoder();
    private final FloodGuard guard;
    private final FrameSource source;
    private final AsyncEvent closed = new AsyncEvent();
    private final AsyncEvent idle = new AsyncEvent(); // set as the last stream or handler ends
    private State state = State.OPEN;
    private @Nullable Http2Exception failure; // why it ended
    private boolean leavingByUs; // shutdown() was called

    private final Map<Integer, Http2Stream> streams = new HashMap<>();
    private final Set<Task<?, ?>> handlers = new LinkedHashSet<>();
    private final Turns slots; // a client's coroutines that want another stream
    private int nextId = 1; // of a client's streams
    private boolean answered; // any of them
    private int lastPeerId; // of the streams that the peer opened
    private final Map<Integer, Boolean> ended = new LinkedHashMap<>() { // to whether this side reset it
                @Override
                protected boolean removeEldestEntry(Map.Entry<Integer, Boolean> eldest) {
                    return size() > REMEMBERED;
                }
            };

    // the peer's settings
    private int peerMaxStreams = Integer.MAX_VALUE;
    private int peerFirstWindow = FIRST_WINDOW;
    private long peerHeaderListBytes = Long.MAX_VALUE;
    private boolean settingsCame;
    private @Nullable TimerHandle settingsTimer; // until ours are acknowledged

    private int sendWindow = FIRST_WINDOW;
    private final Turns windowTurns;
    private int receiveWindow = FIRST_WINDOW;
    private int consumed; // and not yet given back

    private long pingsSent;
    private long pingsAnswered;
    private final AsyncEvent pong = new AsyncEvent();

    private Http2Connection(ByteStream stream, Http2Options options, @Nullable StreamHandler handler) {
        this.stream = stream;
        this.options = options;
        this.handler = handler;
        this.output = new Output(loop, stream);
        this.guard = new FloodGuard(loop, options.eventsPerSecond());
        this.source = new FrameSource(new Frames(), handler != null, options, guard);
        this.windowTurns = new Turns(loop, () -> sendWindow > 0);
        this.slots = new Turns(loop, this::hasSlot);
    }

    /**
     * Begins the client's end; owns {@code stream} from now on. Does not wait for the peer; suspends the first time, to
     * initialise classes.
     */
    public static Http2Connection client(ByteStream stream, Http2Options options) {
        return begin(stream, options, null);
    }

    /** Begins the server's end, which runs a coroutine for each request; as {@link #client} otherwise. */
    public static Http2Connection server(ByteStream stream, Http2Options options, StreamHandler handler) {
        return begin(stream, options, handler);
    }

    private static Http2Connection begin(ByteStream stream, Http2Options options, @Nullable StreamHandler handler) {
        boolean begun = false;
        try {
            Http2Classes.initialise();
            var connection = new Http2Connection(stream, options, handler);
            connection.start();
            begun = true;
            return connection;
        } finally {
            if (!begun) {
                stream.close();
            }
        }
    }

    private void start() {
        if (handler == null) {
            output.bytes(FrameSource.PREFACE);
        }
        ByteBuffer settings = ByteBuffer.allocate(6 * 5);
        settings.putShort((short) 1).putInt(options.tableBytes());
        settings.putShort((short) 4).putInt(options.streamWindow());
        settings.putShort((short) 6).putInt(options.headerListBytes());
        if (handler == null) {
            settings.putShort((short) 2).putInt(0);
        } else {
            settings.putShort((short) 3).putInt(options.maxStreams());
        }
        output.frame(SETTINGS, 0, 0, settings.flip());
        if (options.connectionWindow() > receiveWindow) {
            windowUpdate(0, options.connectionWindow() - receiveWindow);
            receiveWindow = options.connectionWindow();
        }
        settingsTimer = loop.callLater(
                options.settingsTime(),
                () -> endWith(ErrorCode.SETTINGS_TIMEOUT, "our settings were not acknowledged", null));
        loop.createTask(this::writeAll, TaskOptions.named("HTTP/2 writer"));
        loop.createTask(this::readAll, TaskOptions.named("HTTP/2 reader"));
    }

    // ------------------------------------------------------------------------------------------------ its tasks

    private @Nullable Void readAll() {
        ByteBuffer in = ByteBuffer.allocateDirect(READ_BYTES);
        try {
            while (stream.read(in.clear()) >= 0) {
                if (state != State.ENDING) {
                    source.parse(in.flip());
                }
            }
            closeNow("the peer has closed the connection", null);
        } catch (IOException broken) {
            closeNow("the connection broke: " + broken.getMessage(), broken);
        } finally {
            closeNow("the connection is no longer read", null);
        }
        return null;
    }

    private @Nullable Void writeAll() {
        try {
            output.run();
            stream.shutdownOutput();
        } catch (IOException broken) {
            closeNow("the connection broke: " + broken.getMessage(), broken);
        } catch (Throwable e) {
            closeNow("the connection is no longer written to", null);
            throw e;
        }
        return null;
    }

    // ------------------------------------------------------------------------------------------------ streams

    private boolean hasSlot() {
        return streams.size() < maxStreams() || state != State.OPEN;
    }

    /** Has a client open no more than so many streams before the peer has said how many it takes. */
    public void assumeMaxStreams(int streams) {
        if (!settingsCame) {
            peerMaxStreams = streams;
        }
    }

    /** Returns how many streams may be open in a client; what the peer says of it may come later. */
    public int maxStreams() {
        return Math.min(options.maxStreams(), peerMaxStreams);
    }

    /**
     * Sends a request, in a client. Suspends while as many streams are open as may be, first come, first served, and
     * while too much waits to be sent. A cancel leaves nothing behind.
     *
     * @param endOfMessage whether there is no body
     * @throws Http2Exception if the connection takes no more requests: {@link Http2Exception#notProcessed}
     */
    public Http2Stream openStream(RequestHead head, boolean endOfMessage) throws Http2Exception {
        if (handler != null) {
            throw new IllegalStateException("a server opens no streams");
        }
        List<HttpField> fields = HeadEncoder.fields(head, stream instanceof TlsStream ? "https" : "http");
        try {
            do {
                ensureOpen();
                slots.await();
                output.room.await();
                ensureOpen();
            } while (!hasSlot() || !output.hasRoom());
            ensureSendable(fields);
            Http2Stream opened = new Http2Stream(this, nextId, null, peerFirstWindow, options.streamWindow());
            nextId += 2;
            opened.toHead = head.method().equals("HEAD");
            streams.put(opened.id, opened);
            sendHead(opened, fields, endOfMessage);
            opened.headSent = true;
            return opened;
        } finally {
            slots.passOn();
            output.room.passOn();
        }
    }

    /** Returns whether this takes requests. */
    public boolean isOpen() {
        return state == State.OPEN && nextId > 0;
    }

    /** Returns whether the peer has answered any request, in a client. */
    public boolean hasAnswered() {
        return answered;
    }

    /** Returns how many streams are open. */
    public int streams() {
        return streams.size();
    }

    private void ensureOpen() throws Http2Exception {
        if (!isOpen()) {
            throw new Http2Exception(
                    failure != null ? String.valueOf(failure.getMessage()) : "the connection takes no more requests",
                    failure != null ? failure.code() : ErrorCode.NO_ERROR,
                    true,
                    failure);
        }
    }

    private void ensureSendable(List<HttpField> fields) throws Http2Exception {
        long size = HeadEncoder.listSize(fields);
        if (size > peerHeaderListBytes || size > Integer.MAX_VALUE / 8) {
            throw new Http2Exception(
                    "a head of " + size + " bytes, and the peer takes " + peerHeaderListBytes,
                    ErrorCode.INTERNAL_ERROR,
                    true,
                    null);
        }
    }

    void awaitRoom(Http2Stream of) throws Http2Exception {
        of.ensureGood();
        while (!output.hasRoom()) {
            output.room.await();
            of.ensureGood();
        }
    }

    void sendHead(Http2Stream of, List<HttpField> fields, boolean end) throws Http2Exception {
        ensureSendable(fields);
        ByteBuffer block = encoder.encode(fields);
        int type = HEADERS;
        do {
            ByteBuffer part = block.slice(block.position(), Math.min(block.remaining(), FRAME_BYTES));
            block.position(block.position() + part.remaining());
            int flags = (block.hasRemaining() ? 0 : END_HEADERS) | (type == HEADERS && end ? END_STREAM : 0);
            output.frame(type, flags, of.id, part);
            type = CONTINUATION;
        } while (block.hasRemaining());
        output.room.passOn();
        if (end) {
            localEnd(of);
        }
    }

    void sendContent(Http2Stream of, ByteBuffer content, boolean end) throws Http2Exception {
        try {
            do {
                of.ensureWanted();
                if (content.hasRemaining() && of.sendWindow <= 0) {
                    of.windowTurns.await();
                } else if (content.hasRemaining() && sendWindow <= 0) {
                    windowTurns.await();
                } else if (!output.hasRoom()) {
                    output.room.await();
                } else if (sendFrame(of, content, end)) {
                    return;
                }
            } while (content.hasRemaining() || end);
        } finally {
            windowTurns.passOn();
            output.room.passOn();
        }
    }

    /** Adds one frame; returns whether it was the last. */
    private boolean sendFrame(Http2Stream of, ByteBuffer content, boolean end) {
        int count = Math.min(content.remaining(), FRAME_BYTES);
        if (count > 0) {
            count = Math.min(count, Math.min(of.sendWindow, sendWindow));
        }
        ByteBuffer part = content.slice(content.position(), count);
        content.position(content.position() + count);
        boolean last = !content.hasRemaining();
        if (count > 0 || end) {
            output.frame(DATA, last && end ? END_STREAM : 0, of.id, part);
        }
        of.sendWindow -= count;
        sendWindow -= count;
        guard.dataSent();
        if (last && end) {
            localEnd(of);
        }
        return last;
    }

    private void localEnd(Http2Stream of) {
        of.localEnded = true;
        forgetIfClosed(of, false);
    }

    void resetStream(Http2Stream of, int code) {
        rst(of.id, code);
        forgetIfClosed(of, true);
    }

    private void rst(int id, int code) {
        output.frame(RST_STREAM, 0, id, ByteBuffer.allocate(4).putInt(code).flip());
    }

    private void forgetIfClosed(Http2Stream of, boolean resetByUs) {
        if (of.closed() && streams.remove(of.id) != null) {
            ended.put(of.id, resetByUs);
            slots.passOn();
            tellIfIdle();
        }
    }

    private void tellIfIdle() {
        if (streams.isEmpty() && handlers.isEmpty()) {
            idle.set();
        }
    }

    // ------------------------------------------------------------------------------------------------ windows

    void windowUpdate(int id, int more) {
        output.frame(WINDOW_UPDATE, 0, id, ByteBuffer.allocate(4).putInt(more).flip());
    }

    /** Makes room for as many bytes that have been read, or dropped. */
    void giveBack(int bytes) {
        consumed += bytes;
        if (consumed >= options.connectionWindow() / 2 && state != State.CLOSED) {
            windowUpdate(0, consumed);
            receiveWindow += consumed;
            consumed = 0;
        }
    }

    // ------------------------------------------------------------------------------------------------ its end

    /**
     * Sends a ping and suspends until it is answered: no limit of time but the caller's.
     *
     * @throws Http2Exception if the connection ends meanwhile
     */
    public void ping() throws Http2Exception {
        long mine = ++pingsSent;
        output.frame(PING, 0, 0, ByteBuffer.allocate(8).putLong(mine).flip());
        while (pingsAnswered < mine) {
            if (state == State.CLOSED || state == State.ENDING) {
                throw new Http2Exception("the connection has ended", ErrorCode.NO_ERROR, false, failure);
            }
            pong.clear();
            pong.await();
        }
    }

    /**
     * Says goodbye: takes no new streams, lets those that are open end, then closes. Suspends until it is closed; no
     * limit of time but the caller's, who may {@link #close} at any time. On cancel it goes on to take no new streams.
     */
    public void shutdown() {
        if (state == State.OPEN || state == State.LEAVING) {
            leavingByUs = true;
            if (handler != null) {
                goAway(Integer.MAX_VALUE, ErrorCode.NO_ERROR, "");
                awaitRoundTrip(); // requests on their way are still taken
            }
            leave();
            goAway(lastPeerId, ErrorCode.NO_ERROR, "");
            while (!streams.isEmpty() || !handlers.isEmpty()) {
                idle.clear(); // it was set whenever the last stream of the moment ended
                idle.await();
            }
            end();
        }
        closed.await();
    }

    private void awaitRoundTrip() {
        try {
            Asyncio.timeout(ROUND_TRIP, this::ping);
        } catch (Http2Exception | dev.rondo.AsyncTimeoutException late) {
            // then they are refused
        }
    }

    private void leave() {
        if (state == State.OPEN) {
            state = State.LEAVING;
            slots.wakeAll();
        }
    }

    /** Suspends until it is closed. */
    public void awaitClosed() {
        closed.await();
    }

    private void goAway(int lastId, int code, String reason) {
        byte[] text = reason.getBytes(StandardCharsets.UTF_8);
        output.frame(
                GOAWAY,
                0,
                0,
                ByteBuffer.allocate(8 + text.length)
                        .putInt(lastId)
                        .putInt(code)
                        .put(text)
                        .flip());
    }

    /** Ends the connection for an error of the peer's. */
    private void endWith(int code, String reason, @Nullable Throwable cause) {
        if (state == State.OPEN || state == State.LEAVING) {
            goAway(lastPeerId, code, reason);
            end();
            failAll(Http2Exception.peersFault(
                    "ended the connection with " + ErrorCode.name(code) + ": " + reason, code, cause));
        }
    }

    /** Writes what is to be written, and closes when the peer does, or is too slow. */
    private void end() {
        if (state == State.OPEN || state == State.LEAVING) {
            state = State.ENDING;
            output.finish();
            loop.callLater(LINGER, () -> closeNow("the peer has not closed the connection", null));
        }
    }

    private void failAll(Http2Exception why) {
        if (failure == null) {
            failure = why;
        }
        if (settingsTimer != null) {
            settingsTimer.cancel();
        }
        for (Http2Stream each : List.copyOf(streams.values())) {
            each.fail(why);
            forgetIfClosed(each, true);
        }
        List.copyOf(handlers).forEach(Task::cancel);
        slots.wakeAll();
        windowTurns.wakeAll();
        output.room.wakeAll();
        pong.set();
        tellIfIdle();
    }

    private void closeNow(String reason, @Nullable Throwable cause) {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            output.finish();
            stream.close();
            failAll(new Http2Exception(reason, ErrorCode.NO_ERROR, false, cause));
            closed.set();
        }
    }

    /** Closes at once: streams fail, handlers are cancelled. Never suspends; idempotent. */
    @Override
    public void close() {
        closeNow("this side has closed the connection", null);
    }

    @Override
    public String toString() {
        return "Http2Connection[" + state + ", " + streams.size() + " streams, " + stream + "]";
    }

    // ------------------------------------------------------------------------------------------------ a server's

    private void serve(Http2Stream opened, StreamHandler by) {
        Task<?, ?> task = Asyncio.createTask(() -> handle(opened, by), "HTTP/2 stream " + opened.id);
        handlers.add(task);
        task.addDoneCallback(_ -> {
            handlers.remove(task);
            if (!opened.localEnded) {
                opened.reset(ErrorCode.INTERNAL_ERROR);
            } else {
                opened.reset(ErrorCode.NO_ERROR); // the rest of the request is not wanted
            }
            tellIfIdle();
        });
    }

    private void handle(Http2Stream opened, StreamHandler by) {
        try {
            by.handle(opened);
        } catch (Http2Exception e) {
            if (!opened.failed()) {
                report(opened, e);
            }
        } catch (Exception e) {
            report(opened, e);
        }
    }

    private void report(Http2Stream of, Exception e) {
        loop.callExceptionHandler(new ExceptionContext("the handler of HTTP/2 stream " + of.id + " failed", e));
    }

    // ------------------------------------------------------------------------------------------------ frames

    /** What the peer sends. */
    private final class Frames implements FrameSource.Sink {

        private boolean deaf() {
            return state == State.ENDING || state == State.CLOSED;
        }

        private void answer(int type, int flags, int id, ByteBuffer payload) {
            if (output.answers() >= options.queuedAnswers()) {
                endWith(ErrorCode.ENHANCE_YOUR_CALM, "answers are not read", null);
            } else {
                output.answer(type, flags, id, payload);
            }
        }

        /** Returns whether the peer's settings have come, as they must before all else. */
        private boolean ready() {
            if (!settingsCame && !deaf()) {
                endWith(ErrorCode.PROTOCOL_ERROR, "no settings at the beginning", null);
            }
            return !deaf();
        }

        @Override
        public void onData(int id, ByteBuffer content, int flowControlled, boolean end) {
            if (!ready()) {
                return;
            }
            receiveWindow -= flowControlled;
            if (receiveWindow < 0) {
                endWith(ErrorCode.FLOW_CONTROL_ERROR, "more than the connection's window", null);
                return;
            }
            Http2Stream of = streams.get(id);
            if (of == null || of.remoteEnded) {
                giveBack(flowControlled);
                late(id, of);
                return;
            }
            if (flowControlled > of.receiveWindow) {
                giveBack(flowControlled);
                onStreamError(id, ErrorCode.FLOW_CONTROL_ERROR, "more than the stream's window");
                return;
            }
            if (handler == null && !of.headReceived) {
                giveBack(flowControlled);
                onStreamError(id, ErrorCode.PROTOCOL_ERROR, "content before a head");
                return;
            }
            of.receiveWindow -= flowControlled;
            of.paddingCame(flowControlled - content.remaining());
            boolean good = of.contentCame(content);
            if (good && end) {
                good = of.endCame(null);
            }
            endedWell(of, good);
        }

        private void endedWell(Http2Stream of, boolean good) {
            if (!good) {
                of.remoteEnded = false; // so that it is reset
                onStreamError(of.id, ErrorCode.PROTOCOL_ERROR, "the body is not as long as announced");
            } else {
                forgetIfClosed(of, false);
            }
        }

        /** Content for a stream that takes none. */
        private void late(int id, @Nullable Http2Stream of) {
            if (of != null || Boolean.FALSE.equals(ended.get(id))) {
                onStreamError(id, ErrorCode.STREAM_CLOSED, "content after the end");
            } else if (!ended.containsKey(id) && isIdle(id)) {
                endWith(ErrorCode.PROTOCOL_ERROR, "content for stream " + id + ", which nobody opened", null);
            }
        }

        private boolean isIdle(int id) {
            boolean ours = (id % 2 == 1) == (handler == null);
            return ours ? id >= nextId || handler != null : id > lastPeerId;
        }

        @Override
        public void onHead(int id, MetaData head, boolean end) {
            if (!ready()) {
                return;
            }
            Http2Stream of = streams.get(id);
            try {
                if (head.getHttpFields().size() > options.headerCount()) {
                    onStreamError(id, ErrorCode.ENHANCE_YOUR_CALM, "more than " + options.headerCount() + " fields");
                } else if (of != null) {
                    next(of, head, end);
                } else if (ended.containsKey(id)) {
                    if (!Boolean.TRUE.equals(ended.get(id))) {
                        endWith(ErrorCode.STREAM_CLOSED, "a head on stream " + id + ", which has ended", null);
                    }
                } else if (handler == null || id % 2 == 0 || id <= lastPeerId) {
                    endWith(ErrorCode.PROTOCOL_ERROR, "a head on stream " + id, null);
                } else {
                    open(id, head, end, handler);
                }
            } catch (Heads.Malformed e) {
                onStreamError(id, ErrorCode.PROTOCOL_ERROR, String.valueOf(e.getMessage()));
            }
        }

        private void open(int id, MetaData head, boolean end, StreamHandler by) throws Heads.Malformed {
            if (state != State.OPEN) {
                lastIgnored(id);
                return;
            }
            if (Math.max(streams.size(), handlers.size()) >= options.maxStreams()) {
                lastIgnored(id);
                if (!guard.event()) {
                    endWith(ErrorCode.ENHANCE_YOUR_CALM, "too many streams, too often", null);
                } else {
                    answer(RST_STREAM, 0, id, code(ErrorCode.REFUSED_STREAM));
                }
                return;
            }
            lastPeerId = id;
            if (!(head instanceof MetaData.Request request)) {
                throw new Heads.Malformed("a request without a method");
            }
            RequestHead ours = Heads.request(request);
            var opened = new Http2Stream(Http2Connection.this, id, ours, peerFirstWindow, options.streamWindow());
            opened.announced = Heads.contentLength(ours.headers());
            streams.put(id, opened);
            if (end && !opened.endCame(null)) {
                endedWell(opened, false);
                return;
            }
            serve(opened, by);
        }

        private void lastIgnored(int id) {
            lastPeerId = Math.max(lastPeerId, id);
            ended.put(id, true);
        }

        private void next(Http2Stream of, MetaData head, boolean end) throws Heads.Malformed {
            if (of.remoteEnded) {
                onStreamError(of.id, ErrorCode.STREAM_CLOSED, "a head after the end");
            } else if (head instanceof MetaData.Response response && handler == null && !of.headReceived) {
                ResponseHead ours = Heads.response(response);
                if (ours.informational() && end) {
                    throw new Heads.Malformed("status " + ours.status() + " ends the stream");
                }
                if (!ours.informational()) {
                    of.announced = Heads.contentLength(ours.headers());
                    of.toHead |= ours.hasNoBody(of.toHead);
                }
                answered = true;
                if (!of.headCame(ours)) {
                    onStreamError(of.id, ErrorCode.PROTOCOL_ERROR, "too many informational answers");
                } else if (end) {
                    endedWell(of, of.endCame(null));
                }
            } else if (head.isRequest() || head.isResponse() || !end || (handler == null && !of.headReceived)) {
                throw new Heads.Malformed("trailers that are none");
            } else {
                Headers trailers = Heads.headers(head.getHttpFields());
                endedWell(of, of.endCame(trailers));
            }
        }

        private static ByteBuffer code(int code) {
            return ByteBuffer.allocate(4).putInt(code).flip();
        }

        @Override
        public void onStreamError(int id, int code, String reason) {
            if (!ready()) {
                return;
            }
            if (!guard.event()) {
                endWith(ErrorCode.ENHANCE_YOUR_CALM, "too many errors", null);
                return;
            }
            Http2Stream of = streams.get(id);
            if (of == null && isIdle(id) && (handler == null || id % 2 == 0)) {
                endWith(ErrorCode.PROTOCOL_ERROR, reason, null);
                return;
            }
            lastPeerId = handler != null ? Math.max(lastPeerId, id) : lastPeerId;
            answer(RST_STREAM, 0, id, code(code));
            if (of != null) {
                of.fail(Http2Exception.peersFault(
                        "reset the stream with " + ErrorCode.name(code) + ": " + reason, code, null));
                forgetIfClosed(of, true);
            } else {
                ended.putIfAbsent(id, true);
            }
        }

        @Override
        public void onReset(int id, int code) {
            if (!ready()) {
                return;
            }
            Http2Stream of = streams.get(id);
            if (of != null && handler == null && code == ErrorCode.NO_ERROR && of.remoteEnded) {
                of.answeredEarly();
                forgetIfClosed(of, false);
            } else if (of != null) {
                of.fail(new Http2Exception(
                        "the peer reset the stream: " + ErrorCode.name(code),
                        code,
                        code == ErrorCode.REFUSED_STREAM,
                        null));
                of.wasResetByPeer();
                forgetIfClosed(of, false);
            } else if (isIdle(id)) {
                endWith(ErrorCode.PROTOCOL_ERROR, "a reset of stream " + id + ", which nobody opened", null);
            }
        }

        @Override
        public void onSettings(Map<Integer, Integer> settings) {
            if (deaf()) {
                return;
            }
            if (!settingsCame) {
                settingsCame = true;
                peerMaxStreams = Integer.MAX_VALUE; // what was assumed is known now
            }
            for (Map.Entry<Integer, Integer> each : settings.entrySet()) {
                int value = each.getValue();
                switch (each.getKey()) {
                    case 1 -> encoder.peerTable(value);
                    case 3 -> peerMaxStreams = value < 0 ? Integer.MAX_VALUE : value;
                    case 4 -> firstWindow(value);
                    case 6 -> peerHeaderListBytes = Integer.toUnsignedLong(value);
                    default -> {} // of no meaning to us
                }
            }
            if (!deaf()) {
                answer(SETTINGS, ACK, 0, ByteBuffer.allocate(0));
                slots.passOn();
            }
        }

        private void firstWindow(int bytes) {
            if (bytes < 0) {
                endWith(ErrorCode.FLOW_CONTROL_ERROR, "a window above 2^31-1", null);
                return;
            }
            int change = bytes - peerFirstWindow;
            peerFirstWindow = bytes;
            for (Http2Stream each : List.copyOf(streams.values())) {
                long next = (long) each.sendWindow + change;
                if (next > Integer.MAX_VALUE) {
                    endWith(ErrorCode.FLOW_CONTROL_ERROR, "a window above 2^31-1", null);
                    return;
                }
                each.sendWindow = (int) next;
                each.windowTurns.passOn();
            }
        }

        @Override
        public void onSettingsAck() {
            if (ready() && settingsTimer != null) {
                settingsTimer.cancel();
            }
        }

        @Override
        public void onPing(byte[] payload, boolean ack) {
            if (!ready()) {
                return;
            }
            if (!ack) {
                answer(PING, ACK, 0, ByteBuffer.wrap(payload));
                return;
            }
            long number = ByteBuffer.wrap(payload).getLong();
            if (number > pingsAnswered && number <= pingsSent) {
                pingsAnswered = number;
                pong.set();
            }
        }

        @Override
        public void onGoAway(int lastId, int code, String reason) {
            if (!ready()) {
                return;
            }
            leave();
            if (handler == null) {
                for (Http2Stream each : List.copyOf(streams.values())) {
                    if (each.id > lastId) {
                        each.fail(new Http2Exception(
                                "the server leaves without this request: " + ErrorCode.name(code) + " " + reason,
                                code,
                                true,
                                null));
                        forgetIfClosed(each, true);
                    }
                }
            }
            if (!leavingByUs && streams.isEmpty() && handlers.isEmpty()) {
                end();
            }
        }

        @Override
        public void onWindowUpdate(int id, int more) {
            if (!ready()) {
                return;
            }
            if (!guard.windowUpdate()) {
                endWith(ErrorCode.ENHANCE_YOUR_CALM, "too many window updates", null);
                return;
            }
            if (id == 0) {
                if ((long) sendWindow + more > Integer.MAX_VALUE) {
                    endWith(ErrorCode.FLOW_CONTROL_ERROR, "a window above 2^31-1", null);
                    return;
                }
                sendWindow += more;
                windowTurns.passOn();
                return;
            }
            Http2Stream of = streams.get(id);
            if (of == null) {
                if (isIdle(id)) {
                    endWith(ErrorCode.PROTOCOL_ERROR, "a window for stream " + id + ", which nobody opened", null);
                }
            } else if ((long) of.sendWindow + more > Integer.MAX_VALUE) {
                onStreamError(id, ErrorCode.FLOW_CONTROL_ERROR, "a window above 2^31-1");
            } else {
                of.sendWindow += more;
                of.windowTurns.passOn();
            }
        }

        @Override
        public void onConnectionError(int code, String reason) {
            endWith(code, reason, null);
        }
    }
}
