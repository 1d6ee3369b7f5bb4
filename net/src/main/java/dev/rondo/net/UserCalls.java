package dev.rondo.net;

import dev.rondo.EventLoop;
import dev.rondo.ExceptionContext;
import dev.rondo.KeyboardInterrupt;
import java.util.Map;

/** What becomes of failures of a protocol's methods. */
final class UserCalls {

    private UserCalls() {}

    /** Throws on what leaves the loop and is nobody's to keep: an interrupt of the program, a machine at its end. */
    static void throwIfEscapes(Throwable failure) {
        if (failure instanceof KeyboardInterrupt interrupt) {
            throw interrupt;
        }
        // A recursion too deep is the protocol's own failure, and the rest of the program can go on.
        if (failure instanceof VirtualMachineError error && !(failure instanceof StackOverflowError)) {
            throw error;
        }
    }

    /** Tells the loop's exception handler of a failure that has to do with a transport. */
    static void report(EventLoop loop, String message, Throwable failure, BaseTransport transport) {
        loop.callExceptionHandler(new ExceptionContext(
                message, failure, Map.of("transport", transport, "protocol", transport.getProtocol())));
    }
}
