package dev.rondo;

/**
 * The user pressed Ctrl-C. Like a {@link VirtualMachineError} (other than a stack overflow) it is not kept inside the
 * task or callback that throws it, but leaves the loop's {@code run} as well. Stands for Python's KeyboardInterrupt.
 */
public class KeyboardInterrupt extends Error {

    private static final long serialVersionUID = 1L;

    /** Makes an interrupt without a message. */
    public KeyboardInterrupt() {
        super("interrupted from the keyboard");
    }
}
