package dev.rondo.http.websocket;

/** Why a WebSocket was closed: the codes of RFC 6455 §7.4.1 by name. In aiohttp: {@code WSCloseCode}. */
public final class CloseCode {

    /** All is said. */
    public static final int OK = 1000;

    /** The server shuts down, or the user left the page. */
    public static final int GOING_AWAY = 1001;

    /** The peer broke the protocol. */
    public static final int PROTOCOL_ERROR = 1002;

    /** A kind of message that is not wanted here. */
    public static final int UNSUPPORTED_DATA = 1003;

    /** Never sent: the close frame gave no code. */
    public static final int NO_STATUS = 1005;

    /** Never sent: the connection ended without a close frame. In aiohttp: {@code ABNORMAL_CLOSURE}. */
    public static final int ABNORMAL_CLOSURE = 1006;

    /** A text that is not UTF-8, or deflated data that is damaged. In aiohttp: {@code INVALID_TEXT}. */
    public static final int INVALID_TEXT = 1007;

    /** The message is against the rules of the application. */
    public static final int POLICY_VIOLATION = 1008;

    /** The message is larger than the receiver takes. */
    public static final int MESSAGE_TOO_BIG = 1009;

    /** The client misses an extension in the server's answer. */
    public static final int MANDATORY_EXTENSION = 1010;

    /** The server failed. */
    public static final int INTERNAL_ERROR = 1011;

    /** The server restarts. */
    public static final int SERVICE_RESTART = 1012;

    /** The server has too much to do. */
    public static final int TRY_AGAIN_LATER = 1013;

    /** A gateway got no good answer. */
    public static final int BAD_GATEWAY = 1014;

    private CloseCode() {}

    /** Returns whether a close frame may have it. */
    static boolean maySend(int code) {
        return code >= 1000 && code <= 1014 && code != 1004 && code != NO_STATUS && code != ABNORMAL_CLOSURE
                || code >= 3000 && code <= 4999;
    }
}
