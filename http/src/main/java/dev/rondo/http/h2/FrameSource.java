package dev.rondo.http.h2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.PingFrame;
import org.eclipse.jetty.http2.frames.PushPromiseFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.http2.frames.SettingsFrame;
import org.eclipse.jetty.http2.frames.WindowUpdateFrame;
import org.eclipse.jetty.http2.parser.Parser;
import org.eclipse.jetty.io.ByteBufferPool;

/** Makes calls of the bytes that come, whatever their slices. It reads nothing itself. */
final class FrameSource implements Parser.Listener {

    /** Who is told of the frames. */
    interface Sink {
        void onData(int stream, ByteBuffer content, int flowControlled, boolean end);

        void onHead(int stream, MetaData head, boolean end);

        void onReset(int stream, int code);

        void onSettings(Map<Integer, Integer> settings);

        void onSettingsAck();

        void onPing(byte[] payload, boolean ack);

        void onGoAway(int lastStream, int code, String reason);

        void onWindowUpdate(int stream, int more);

        void onStreamError(int stream, int code, String reason);

        void onConnectionError(int code, String reason);
    }

    /** What a client says first. */
    static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Sink sink;
    private final Parser parser;
    private boolean failed; // the parser has lost its place: it would not move on
    private int prefaceSeen; // so many bytes of it; Jetty's ServerParser loses its place if SETTINGS come in two pieces

    FrameSource(Sink sink, boolean server, Http2Options options, FloodGuard guard) {
        this.sink = sink;
        // WINDOW_UPDATEs are counted by the sink, which knows how many to expect.
        org.eclipse.jetty.io.RateControl rates = event -> event instanceof WindowUpdateFrame || guard.event();
        this.parser = new Parser(ByteBufferPool.NON_POOLING, options.headerListBytes(), rates);
        this.prefaceSeen = server ? 0 : PREFACE.length;
        parser.getHpackDecoder().setMaxTableCapacity(options.tableBytes());
        parser.init(this);
    }

    void parse(ByteBuffer bytes) {
        while (prefaceSeen < PREFACE.length && bytes.hasRemaining()) {
            if (bytes.get() != PREFACE[prefaceSeen++]) {
                bytes.position(bytes.limit());
                sink.onConnectionError(ErrorCode.PROTOCOL_ERROR, "no preface of HTTP/2");
                return;
            }
        }
        while (bytes.hasRemaining() && !failed) {
            parser.parse(bytes);
        }
    }

    @Override
    public void onData(DataFrame frame) {
        sink.onData(frame.getStreamId(), frame.getByteBuffer(), frame.flowControlLength(), frame.isEndStream());
    }

    @Override
    public void onHeaders(HeadersFrame frame) {
        sink.onHead(frame.getStreamId(), frame.getMetaData(), frame.isEndStream());
    }

    @Override
    public void onReset(ResetFrame frame) {
        sink.onReset(frame.getStreamId(), frame.getError());
    }

    @Override
    public void onSettings(SettingsFrame frame) {
        if (frame.isReply()) {
            sink.onSettingsAck();
        } else {
            sink.onSettings(frame.getSettings());
        }
    }

    @Override
    public void onPushPromise(PushPromiseFrame frame) {
        sink.onConnectionError(ErrorCode.PROTOCOL_ERROR, "a push, which nobody has allowed");
    }

    @Override
    public void onPing(PingFrame frame) {
        sink.onPing(frame.getPayload(), frame.isReply());
    }

    @Override
    public void onGoAway(GoAwayFrame frame) {
        sink.onGoAway(frame.getLastStreamId(), frame.getError(), String.valueOf(frame.tryConvertPayload()));
    }

    @Override
    public void onWindowUpdate(WindowUpdateFrame frame) {
        sink.onWindowUpdate(frame.getStreamId(), frame.getWindowDelta());
    }

    @Override
    public void onStreamFailure(int stream, int error, String reason) {
        sink.onStreamError(stream, error, reason);
    }

    @Override
    public void onConnectionFailure(int error, String reason) {
        failed = true;
        boolean unreadable = reason.equals("invalid_hpack_block"); // Jetty gives some of these another code
        sink.onConnectionError(unreadable ? ErrorCode.COMPRESSION_ERROR : error, reason);
    }
}
