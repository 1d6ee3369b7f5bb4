package dev.rondo.spec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which tests pin which row of the specification: writes {@code docs/spec-coverage.md}, or checks that it is complete
 * and up to date. {@code Coverage check|apply DIRECTORY}, run from its source by the build.
 *
 * <p>Reads sources, so that it can run before anything is compiled: the rows in {@code rows.txt}, {@code @Spec} in the
 * tests of all modules, and the rows that {@code docs/asyncio-to-rondo.md} names in parentheses under "Differences".
 * Problems are named on standard error and in {@code spec/target/uncovered}, whose presence fails the build.
 */
final class Coverage {

    static final String DOCUMENT = "docs/spec-coverage.md";
    static final String DIFFERENCES = "docs/asyncio-to-rondo.md";
    static final String ROWS = "spec/src/test/resources/rows.txt";
    static final String PROBLEMS = "spec/target/uncovered";
    static final String REWRITE = "mvn -q -pl spec verify -Dcoverage=apply";

    private static final Pattern SPEC_OR_METHOD =
            Pattern.compile("@Spec\\(\\s*\"([^\"]+)\"\\s*\\)|\\b(?:void|boolean)\\s+(\\w+)\\s*\\(");
    private static final Pattern ID = Pattern.compile("[A-Z]+(?:-[A-Z]+)*-\\d+[a-z]?|TICK");
    private static final Pattern IDS = Pattern.compile("\\(((?:" + ID + ")(?:,\\s+(?:" + ID + "))*)\\)");
    private static final Pattern NUMBER = Pattern.compile("(?m)^(\\d+)\\. ");

    /** A row of the specification; {@code module} is the one it comes with, or empty. */
    record Row(String id, String title, String module, String section) {}

    private final Path root;
    private final Map<String, Row> rows = new LinkedHashMap<>();
    private final Map<String, TreeSet<String>> tests = new TreeMap<>();
    private final Map<String, String> differences = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    private Coverage(Path root) throws IOException {
        this.root = root;
        readRows();
        readTests();
        readDifferences();
    }

    public static void main(String[] args) throws IOException {
        run(args[0].equals("apply"), Path.of(args[1]).toRealPath()).forEach(System.err::println);
    }

    /** Writes the document if {@code apply}; returns what is wrong, and leaves it in the file of problems too. */
    static List<String> run(boolean apply, Path root) throws IOException {
        Coverage coverage = new Coverage(root);
        if (apply) {
            Files.writeString(root.resolve(DOCUMENT), coverage.document());
        }
        coverage.check();
        Path list = root.resolve(PROBLEMS);
        Files.createDirectories(list.getParent());
        Files.deleteIfExists(list);
        if (!coverage.problems.isEmpty()) {
            Files.write(list, coverage.problems);
        }
        return coverage.problems;
    }

    // ------------------------------------------------------------------------------------------------ reading

    private void readRows() throws IOException {
        String section = "";
        for (String line : Files.readAllLines(root.resolve(ROWS))) {
            if (line.startsWith("## ")) {
                section = line.substring("## ".length());
            } else if (!line.isBlank() && !line.startsWith("#")) {
                String[] parts = line.split(" \\| ");
                Row row = new Row(parts[0], parts[1], parts.length > 2 ? parts[2] : "", section);
                if (rows.put(row.id(), row) != null) {
                    problems.add(ROWS + ": " + row.id() + " is there twice");
                }
            }
        }
    }

    private void readTests() throws IOException {
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> modules = Files.list(root)) {
            for (Path module : modules.sorted().toList()) {
                Path start = module.resolve("src/test/java");
                if (Files.isDirectory(start)) {
                    try (Stream<Path> files = Files.walk(start)) {
                        files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
                    }
                }
            }
        }
        sources.sort(null);
        for (Path source : sources) {
            readTests(source);
        }
    }

    private void readTests(Path source) throws IOException {
        String name = source.getFileName().toString().replace(".java", "");
        List<String> ids = new ArrayList<>(); // that wait for the method they stand at
        Matcher matcher = SPEC_OR_METHOD.matcher(Files.readString(source));
        while (matcher.find()) {
            if (matcher.group(1) != null) {
                ids.add(matcher.group(1));
            } else {
                for (String id : ids) {
                    String test = name + "#" + matcher.group(2);
                    if (rows.containsKey(id)) {
                        tests.computeIfAbsent(id, _ -> new TreeSet<>()).add(test);
                    } else {
                        problems.add(test + " names row " + id + ", which does not exist");
                    }
                }
                ids.clear();
            }
        }
    }

    private void readDifferences() throws IOException {
        String text = Files.readString(root.resolve(DIFFERENCES));
        int from = text.indexOf("\n## Differences");
        if (from < 0) {
            problems.add(DIFFERENCES + " has no section \"Differences\"");
            return;
        }
        int to = text.indexOf("\n## ", from + 1);
        text = text.substring(from, to < 0 ? text.length() : to);
        for (MatchResult named : IDS.matcher(text).results().toList()) {
            for (MatchResult id : ID.matcher(named.group(1)).results().toList()) {
                if (rows.containsKey(id.group())) {
                    differences.put(id.group(), numberBefore(text, named.start()));
                } else if (!id.group().startsWith("M-")) { // M: what Python forces on Java, settled and not tested
                    problems.add(DIFFERENCES + " names row " + id.group() + ", which does not exist");
                }
            }
        }
    }

    private static String numberBefore(String text, int position) {
        String number = "";
        for (MatchResult item :
                NUMBER.matcher(text.substring(0, position)).results().toList()) {
            number = item.group(1);
        }
        return number;
    }

    // ------------------------------------------------------------------------------------------------ checking

    private void check() throws IOException {
        for (Row row : rows.values()) {
            if (isMissing(row)) {
                problems.add("row " + row.id() + " (" + row.title() + ") has no test: name it in @Spec(\"" + row.id()
                        + "\") of one, or in parentheses under \"Differences\" in " + DIFFERENCES);
            }
        }
        Path document = root.resolve(DOCUMENT);
        if (!Files.exists(document) || !Files.readString(document).equals(document())) {
            problems.add(DOCUMENT + " is out of date; to write it anew: " + REWRITE);
        }
    }

    private boolean isMissing(Row row) {
        return !tests.containsKey(row.id())
                && !differences.containsKey(row.id())
                && row.module().isEmpty();
    }

    // ------------------------------------------------------------------------------------------------ writing

    private String document() {
        StringBuilder text = new StringBuilder("""
                # Coverage of the specification

                Which test pins which row of asyncio's behaviour. Written by `%s` from the
                `@Spec` of the tests; `mvn verify` fails where a row is in no list, or this page is out of date. A difference is one of
                those in [asyncio-to-rondo.md](asyncio-to-rondo.md#differences).

                """.formatted(REWRITE));
        List<Row> tested = rows.values().stream()
                .filter(row -> tests.containsKey(row.id()))
                .toList();
        List<Row> different = rows.values().stream()
                .filter(row -> !tests.containsKey(row.id()) && differences.containsKey(row.id()))
                .toList();
        List<Row> missing = rows.values().stream().filter(this::isMissing).toList();
        text.append("| rows | |\n|---|---:|\n");
        text.append("| pinned by a test | ").append(tested.size()).append(" |\n");
        text.append("| without a meaning here: a difference | ")
                .append(different.size())
                .append(" |\n");
        later(tested, different)
                .forEach((module, count) -> text.append("| comes with `")
                        .append(module)
                        .append("` | ")
                        .append(count)
                        .append(" |\n"));
        text.append("| missing | ").append(missing.size()).append(" |\n");
        text.append("| all | ").append(rows.size()).append(" |\n");
        String section = "";
        for (Row row : rows.values()) {
            if (!row.section().equals(section)) {
                section = row.section();
                text.append("\n## ").append(section).append("\n\n| row | about | |\n|---|---|---|\n");
            }
            text.append("| %s | %s | %s |\n".formatted(row.id(), row.title(), where(row)));
        }
        return text.toString();
    }

    private Map<String, Long> later(List<Row> tested, List<Row> different) {
        return rows.values().stream()
                .filter(row -> !row.module().isEmpty() && !tested.contains(row) && !different.contains(row))
                .collect(Collectors.groupingBy(Row::module, TreeMap::new, Collectors.counting()));
    }

    private String where(Row row) {
        List<String> parts = new ArrayList<>();
        for (String test : tests.getOrDefault(row.id(), new TreeSet<>())) {
            parts.add("`" + test + "`");
        }
        if (differences.containsKey(row.id())) {
            parts.add("difference " + differences.get(row.id()));
        }
        if (parts.isEmpty()) {
            parts.add(row.module().isEmpty() ? "**missing**" : "comes with `" + row.module() + "`");
        }
        return String.join("<br>", parts);
    }
}
