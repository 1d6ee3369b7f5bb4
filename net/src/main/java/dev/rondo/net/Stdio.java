package dev.rondo.net;

import java.io.File;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a child process has as one of its three standard streams. (Python: {@code subprocess.PIPE}, {@code DEVNULL},
 * {@code STDOUT}, None, or a file.)
 */
public final class Stdio {

    /** The stream of this process. */
    public static final Stdio INHERIT = new Stdio("INHERIT", ProcessBuilder.Redirect.INHERIT);

    /** A pipe whose other end the {@link Subprocess} has. */
    public static final Stdio PIPE = new Stdio("PIPE", ProcessBuilder.Redirect.PIPE);

    /** Nothing to read; what is written is dropped. */
    public static final Stdio DEVNULL = new Stdio("DEVNULL", null);

    /** For standard error: where standard output goes. */
    public static final Stdio STDOUT = new Stdio("STDOUT", null);

    private static final File NOTHING = new File("/dev/null");

    private final String name;
    private final ProcessBuilder.@Nullable Redirect redirect; // null where it depends

    private Stdio(String name, ProcessBuilder.@Nullable Redirect redirect) {
        this.name = name;
        this.redirect = redirect;
    }

    /** Returns a file to read from. */
    public static Stdio from(Path file) {
        return new Stdio("from " + file, ProcessBuilder.Redirect.from(file.toFile()));
    }

    /** Returns a file to write to, made if it is not there and otherwise emptied. */
    public static Stdio to(Path file) {
        return new Stdio("to " + file, ProcessBuilder.Redirect.to(file.toFile()));
    }

    /** Returns a file to write to, at its end. */
    public static Stdio appendTo(Path file) {
        return new Stdio("append to " + file, ProcessBuilder.Redirect.appendTo(file.toFile()));
    }

    /** Returns what the JDK calls it, for a stream that the child reads. */
    ProcessBuilder.Redirect toRead() {
        return redirect != null ? redirect : ProcessBuilder.Redirect.from(NOTHING);
    }

    /** Returns what the JDK calls it, for a stream that the child writes. */
    ProcessBuilder.Redirect toWrite() {
        return redirect != null ? redirect : ProcessBuilder.Redirect.to(NOTHING);
    }

    boolean canBeRead() {
        return this != STDOUT
                && toRead().type() != ProcessBuilder.Redirect.Type.WRITE
                && toRead().type() != ProcessBuilder.Redirect.Type.APPEND;
    }

    boolean canBeWritten() {
        return toWrite().type() != ProcessBuilder.Redirect.Type.READ;
    }

    @Override
    public String toString() {
        return name;
    }
}
