package dev.rondo.net;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a child process is started: {@code SubprocessOptions.inherit().stdout(Stdio.PIPE)}. (asyncio: the keyword
 * arguments of {@code create_subprocess_exec}.)
 *
 * @param stdin what it reads
 * @param stdout where it writes to
 * @param stderr where it writes its complaints to
 * @param cwd the directory it runs in, or null for that of this process
 * @param env all of its environment, or null for that of this process
 * @param limit how many bytes a line of its output may have: see {@link StreamReader}
 */
public record SubprocessOptions(
        Stdio stdin,
        Stdio stdout,
        Stdio stderr,
        @Nullable Path cwd,
        @Nullable Map<String, String> env,
        int limit) {

    private static final SubprocessOptions INHERIT =
            new SubprocessOptions(Stdio.INHERIT, Stdio.INHERIT, Stdio.INHERIT, null, null, StreamReader.DEFAULT_LIMIT);
    private static final SubprocessOptions PIPES =
            INHERIT.stdin(Stdio.PIPE).stdout(Stdio.PIPE).stderr(Stdio.PIPE);

    /**
     * Makes options.
     *
     * @throws IllegalArgumentException if a stream cannot be what it is to be, or the limit is not positive
     */
    public SubprocessOptions {
        if (!stdin.canBeRead()) {
            throw new IllegalArgumentException(
                    "standard input cannot be " + stdin + ": give it INHERIT, PIPE, DEVNULL or Stdio.from(file)");
        }
        if (!stdout.canBeWritten() || stdout == Stdio.STDOUT) {
            throw new IllegalArgumentException("standard output cannot be " + stdout
                    + ": give it INHERIT, PIPE, DEVNULL, Stdio.to(file) or Stdio.appendTo(file)");
        }
        if (!stderr.canBeWritten()) {
            throw new IllegalArgumentException("standard error cannot be " + stderr
                    + ": give it INHERIT, PIPE, DEVNULL, STDOUT, Stdio.to(file) or Stdio.appendTo(file)");
        }
        if (limit <= 0) {
            throw new IllegalArgumentException("limit must be positive, not " + limit);
        }
        env = env == null ? null : Map.copyOf(env);
    }

    /** Returns the default: the child has the streams, the directory and the environment of this process. */
    public static SubprocessOptions inherit() {
        return INHERIT;
    }

    /** Returns options with a pipe for each of the three streams. */
    public static SubprocessOptions pipes() {
        return PIPES;
    }

    /** Returns these options with another standard input. */
    public SubprocessOptions stdin(Stdio stdin) {
        return new SubprocessOptions(stdin, stdout, stderr, cwd, env, limit);
    }

    /** Returns these options with another standard output. */
    public SubprocessOptions stdout(Stdio stdout) {
        return new SubprocessOptions(stdin, stdout, stderr, cwd, env, limit);
    }

    /** Returns these options with another standard error. */
    public SubprocessOptions stderr(Stdio stderr) {
        return new SubprocessOptions(stdin, stdout, stderr, cwd, env, limit);
    }

    /** Returns these options with a directory to run in. */
    public SubprocessOptions cwd(Path cwd) {
        return new SubprocessOptions(stdin, stdout, stderr, cwd, env, limit);
    }

    /** Returns these options with an environment: these variables and no others. */
    public SubprocessOptions env(Map<String, String> env) {
        return new SubprocessOptions(stdin, stdout, stderr, cwd, env, limit);
    }

    /** Returns these options with one variable more than the environment has already. */
    public SubprocessOptions env(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(env != null ? env : System.getenv());
        more.put(name, value);
        return env(more);
    }

    /** Returns these options with a limit for the lines of its output, in bytes. */
    public SubprocessOptions limit(int limit) {
        return new SubprocessOptions(stdin, stdout, stderr, cwd, env, limit);
    }
}
