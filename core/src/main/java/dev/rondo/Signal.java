package dev.rondo;

/**
 * A signal of POSIX, by its name and its number on Linux. For {@link EventLoop#addSignalHandler}, and to be sent to
 * processes. (Python: {@code signal.SIGTERM} and its like.)
 */
public enum Signal {
    /** The terminal is gone; for servers, by custom: read your configuration again. */
    HUP(1),
    /** Ctrl-C. */
    INT(2),
    /** Ctrl-\; the JVM prints its threads. */
    QUIT(3),
    /** A bad instruction. */
    ILL(4),
    /** A trap for debuggers. */
    TRAP(5),
    /** Gave up by itself. */
    ABRT(6),
    /** Bad access to memory. */
    BUS(7),
    /** Bad arithmetic. */
    FPE(8),
    /** Ends a process, which cannot refuse. */
    KILL(9),
    /** The program's own use. */
    USR1(10),
    /** Access to memory that is not there. */
    SEGV(11),
    /** The program's own use. */
    USR2(12),
    /** Wrote to a pipe that nobody reads. */
    PIPE(13),
    /** A timer. */
    ALRM(14),
    /** Asks a process to end. */
    TERM(15),
    /** A child has ended, stopped or gone on. */
    CHLD(17),
    /** Goes on after a stop. */
    CONT(18),
    /** Stops a process, which cannot refuse. */
    STOP(19),
    /** Ctrl-Z. */
    TSTP(20),
    /** The terminal has another size. */
    WINCH(28),
    /** A system call that is not allowed. */
    SYS(31);

    private final int number;

    Signal(int number) {
        this.number = number;
    }

    /** Returns its number, as Linux counts. */
    public int number() {
        return number;
    }

    /** Returns what it is called: {@code SIGTERM}. */
    @Override
    public String toString() {
        return "SIG" + name();
    }
}
