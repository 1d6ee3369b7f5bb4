package dev.rondo;

/**
 * The user pressed Ctrl-C, or the program was asked to end by SIGTERM. Like a {@link VirtualMachineError} (other than a
 * stack overflow) it is not kept inside the task or callback that throws it, but leaves the loop's {@code run} as well.
 * Stands for Python's KeyboardInterrupt.
 *
 * <pre>{@code
 * try {
 *     Asyncio.run(() -> main());
 * } catch (KeyboardInterrupt e) {
 *     System.exit(e.exitCode());
 * }
 * }</pre>
 */
public class KeyboardInterrupt extends Error {

    private static final long serialVersionUID = 1L;

    private final Signal signal;

    /** Makes an interrupt by Ctrl-C. */
    public KeyboardInterrupt() {
        this(Signal.INT);
    }

    /** Makes an interrupt by a signal. */
    public KeyboardInterrupt(Signal signal) {
        super(signal == Signal.INT ? "interrupted from the keyboard" : "asked to end by " + signal);
        this.signal = signal;
    }

    /** Returns the signal: {@link Signal#INT} or {@link Signal#TERM}. */
    public Signal signal() {
        return signal;
    }

    /** Returns what a program that ends for this reason exits with: 128 and the signal's number, so 130 or 143. */
    public int exitCode() {
        return 128 + signal.number();
    }
}
