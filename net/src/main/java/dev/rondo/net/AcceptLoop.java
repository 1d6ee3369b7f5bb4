package dev.rondo.net;

import dev.rondo.Context;
import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.TimerHandle;
import dev.rondo.reactor.Fd;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Accepts what comes at one listening socket, by callbacks of the loop: as many connections in a turn as wait, up to
 * the backlog, and then the others have their turn.
 *
 * <pre>
 *   STOPPED ──start()──▶ ACCEPTING ──out of descriptors──▶ PAUSED ──a second──▶ ACCEPTING        any ──close()──▶ CLOSED
 * </pre>
 */
final class AcceptLoop {

    private static final Duration PAUSE =
            Duration.ofSeconds(1); // when the system is out of descriptors; asyncio's figure

    private final EventLoop loop;
    private final Context context; // of whoever made the server
    private final Fd listener;
    private final int backlog;
    private final Consumer<Fd> taker;
    private final Op.Accept accept;
    private boolean started;
    private @Nullable TimerHandle pause;

    AcceptLoop(EventLoop loop, Context context, Fd listener, int backlog, Consumer<Fd> taker) {
        this.loop = loop;
        this.context = context;
        this.listener = listener;
        this.backlog = backlog;
        this.taker = taker;
        this.accept = new Op.Accept(listener);
        Runnable accepted = this::accepted;
        accept.onDone(() -> loop.callSoon(accepted, context));
    }

    Fd listener() {
        return listener;
    }

    boolean isStarted() {
        return started;
    }

    /** Begins to accept. Idempotent. */
    void start() {
        if (!started) {
            started = true;
            loop.callSoon(this::acceptMore, context);
        }
    }

    private void acceptMore() {
        for (int taken = 0; listener.isOpen() && pause == null; taken++) {
            if (taken == backlog) {
                loop.callSoon(this::acceptMore, context);
                return;
            }
            loop.driver().submit(accept);
            if (!accept.isDone()) {
                return; // accepted() goes on
            }
            take();
        }
    }

    private void accepted() {
        take();
        acceptMore();
    }

    private void take() {
        Fd client = accept.accepted;
        IOException failure = accept.failure();
        if (client != null) {
            if (listener.isOpen()) {
                give(client);
            } else {
                client.close(); // it came too late
            }
        } else if (failure != null && listener.isOpen()) {
            loop.callExceptionHandler(new ExceptionContext(
                    "socket.accept() out of system resource",
                    failure,
                    Map.of("socket", new TransportSocket(listener))));
            pause = loop.callLater(PAUSE, this::goOn);
        }
    }

    /** Gives it to who serves it, and goes on accepting if that fails. */
    private void give(Fd client) {
        try {
            taker.accept(client);
        } catch (Throwable failure) {
            client.close();
            UserCalls.throwIfEscapes(failure);
            loop.callExceptionHandler(new ExceptionContext(
                    "Error on transport creation for incoming connection",
                    failure,
                    Map.of("socket", new TransportSocket(client))));
        }
    }

    private void goOn() {
        pause = null;
        acceptMore();
    }

    void close() {
        listener.close();
        if (pause != null) {
            pause.cancel();
        }
    }
}
