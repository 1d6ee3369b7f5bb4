package dev.rondo.http.server;

import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.http.ContentDecodingException;
import dev.rondo.http.MalformedMessageException;
import dev.rondo.http.ReadTimeoutException;
import dev.rondo.http.TooLargeException;
import dev.rondo.http.h1.RequestHead;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Has the handler answer, makes an answer of what goes wrong in it, and notes both. One for a server. */
final class Dispatcher {

    private final EventLoop loop;
    private final Handler handler;
    private final @Nullable AccessLog log;

    Dispatcher(EventLoop loop, Handler handler, @Nullable AccessLog log) {
        this.loop = loop;
        this.handler = handler;
        this.log = log;
    }

    /** Returns the answer; null if the client is gone and nobody is left to be told. Suspends. */
    @Nullable Response dispatch(Request request) {
        try {
            Response response = handler.handle(request);
            if (response == null) {
                throw new IllegalStateException("the handler returned null");
            }
            return response;
        } catch (HttpError answer) {
            return answer.response();
        } catch (Exception e) {
            if (request.failedToRead(e)) {
                return afterBadBody(e);
            }
            report("the handler of " + request + " failed", e);
            return Response.text("500 Internal Server Error\n").withStatus(500);
        }
    }

    private static @Nullable Response afterBadBody(Exception e) {
        return switch (e) {
            case TooLargeException tooLarge -> refusal(413, tooLarge.getMessage());
            case MalformedMessageException malformed -> refusal(400, malformed.getMessage());
            case ContentDecodingException malformed -> refusal(400, malformed.getMessage());
            case ReadTimeoutException tooSlow -> refusal(408, tooSlow.getMessage());
            default -> null;
        };
    }

    static Response refusal(int status, @Nullable String reason) {
        return Response.text(reason + "\n").withStatus(status);
    }

    /** Has the log note a request that was answered, and goes on if it cannot. */
    void note(RequestHead head, String version, Peer peer, int status, long bytes, long beganNanos) {
        if (log == null) {
            return;
        }
        try {
            log.log(new AccessLog.Entry(
                    loop.instant(),
                    peer.remote(),
                    head.method(),
                    head.target(),
                    version,
                    head.headers(),
                    status,
                    bytes,
                    Duration.ofNanos(loop.time().toNanos() - beganNanos)));
        } catch (Exception e) {
            report("the access log failed", e);
        }
    }

    void report(String message, Exception failure) {
        loop.callExceptionHandler(new ExceptionContext(message, failure, Map.of()));
    }
}
