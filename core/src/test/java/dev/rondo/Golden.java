package dev.rondo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a program printed when asyncio ran it, and what its twin prints: the same lines, values written as Python writes
 * them. Where a decision makes the twin's answer another, {@link #differs} says so; tracebacks are left out.
 */
public final class Golden {

    /** The exceptions of Python that ours stand for. */
    private static final Map<Class<? extends Throwable>, String> PYTHON = Map.of(
            IllegalStateException.class, "RuntimeError",
            IllegalArgumentException.class, "ValueError",
            NoSuchElementException.class, "KeyError",
            BrokenBarrierException.class, "BrokenBarrierError",
            ArithmeticException.class, "ZeroDivisionError",
            AsyncTimeoutException.class, "TimeoutError");

    private final List<String> expected;
    private final List<String> printed = new ArrayList<>();

    /** Reads what {@code program} printed. */
    public Golden(String program) {
        try (InputStream lines = Golden.class.getResourceAsStream("/golden/" + program + ".out")) {
            String text = new String(lines.readAllBytes(), StandardCharsets.UTF_8);
            expected = new ArrayList<>(text.lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Expects {@code ours} in place of {@code pythons}, which must be a part of one line. */
    public Golden differs(String pythons, String ours) {
        List<String> before = List.copyOf(expected);
        expected.replaceAll(line -> line.replace(pythons, ours));
        assertThat(differences(before)).as("lines with %s", pythons).isEqualTo(1);
        return this;
    }

    private long differences(List<String> before) {
        return Stream.iterate(0, i -> i < before.size(), i -> i + 1)
                .filter(i -> !before.get(i).equals(expected.get(i)))
                .count();
    }

    /** Does not expect the line that starts so. */
    public Golden without(String... starts) {
        for (String start : starts) {
            assertThat(expected.removeIf(line -> line.startsWith(start)))
                    .as("a line that starts with %s", start)
                    .isTrue();
        }
        return this;
    }

    void print(String line) {
        printed.add(line);
    }

    /** Prints the name of an experiment and its result: as text if it is a string, as a value if not. */
    public void print(String name, Coroutine<?, ?> experiment) {
        Object result;
        try {
            result = experiment.run();
        } catch (Throwable failure) {
            result = "RAISED " + repr(failure);
        }
        print(name + ": " + (result instanceof String text ? text : repr(result)));
    }

    public void check() {
        assertThat(printed).containsExactlyElementsOf(expected);
    }

    // ------------------------------------------------------------------------------------------------ as Python writes

    /** A tuple. */
    public record Tuple(List<@Nullable Object> items) {}

    public static Tuple tuple(@Nullable Object... items) {
        return new Tuple(Arrays.asList(items));
    }

    public static String repr(@Nullable Object value) {
        return switch (value) {
            case null -> "None";
            case Boolean truth -> truth ? "True" : "False";
            case String text -> text.contains("'") ? '"' + text + '"' : "'" + text + "'";
            case List<?> list -> list.stream().map(Golden::repr).collect(Collectors.joining(", ", "[", "]"));
            case Set<?> set when set.isEmpty() -> "set()";
            case Set<?> set -> set.stream().map(Golden::repr).collect(Collectors.joining(", ", "{", "}"));
            case TaskGroupException group ->
                "ExceptionGroup('unhandled errors in a TaskGroup', " + repr(group.causes()) + ")";
            case Tuple(List<?> items) when items.size() == 1 -> "(" + repr(items.getFirst()) + ",)";
            case Tuple(List<?> items) -> items.stream().map(Golden::repr).collect(Collectors.joining(", ", "(", ")"));
            case Throwable failure -> name(failure) + argsOf(failure);
            default -> value.toString();
        };
    }

    private static String name(Throwable failure) {
        return PYTHON.getOrDefault(failure.getClass(), failure.getClass().getSimpleName());
    }

    private static String argsOf(Throwable failure) {
        List<?> args = args(failure).items();
        return args.isEmpty() ? "()" : "(" + repr(args.getFirst()) + ")";
    }

    /** The arguments that an exception was made with: its message, where somebody gave it one. */
    static Tuple args(Throwable failure) {
        String message = switch (failure) {
            case TaskCancelledException e -> e.awaitable().cancelMessage();
            case AsyncTimeoutException _ -> null; // ours says how long, Python's nothing
            default -> failure.getMessage();
        };
        return message == null ? tuple() : tuple(message);
    }
}
