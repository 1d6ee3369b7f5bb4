package dev.rondo.http.client;

import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Who is told of one request: nobody, mostly. */
final class Traces {

    private final EventLoop loop;
    private final Tracing[] all;

    private Traces(EventLoop loop, Tracing[] all) {
        this.loop = loop;
        this.all = all;
    }

    /** Returns those that nobody hears of. */
    static Traces none(EventLoop loop) {
        return new Traces(loop, new Tracing[0]);
    }

    /** Begins to trace a request; what fails to begin is reported and left out. */
    Traces begin(List<Function<ClientRequest, Tracing>> makers, ClientRequest request) {
        if (makers.isEmpty()) {
            return this;
        }
        Tracing[] made = makers.stream()
                .map(maker -> begun(maker, request))
                .filter(tracing -> tracing != null)
                .toArray(Tracing[]::new);
        return new Traces(loop, made);
    }

    private @Nullable Tracing begun(Function<ClientRequest, Tracing> maker, ClientRequest request) {
        try {
            return maker.apply(request);
        } catch (Throwable failure) {
            report(failure);
            return null;
        }
    }

    /** Returns whether anybody listens: for what costs something to tell. */
    boolean any() {
        return all.length > 0;
    }

    /** Tells all. Throws nothing: whoever tells may hold a slot or a connection. */
    void tell(Consumer<Tracing> what) {
        for (Tracing tracing : all) {
            try {
                what.accept(tracing);
            } catch (Throwable failure) {
                report(failure);
            }
        }
    }

    private void report(Throwable failure) {
        loop.callExceptionHandler(new ExceptionContext("tracing a request failed", failure));
    }
}
