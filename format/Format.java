import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.ImportOrderer;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Formats every Java file below a directory, or checks that it is formatted: {@code Format check|apply DIRECTORY}.
 *
 * <p>Files found in order are remembered, by the hash of their text, in {@code format/target/formatted}, so that a
 * second check costs next to nothing. Files found out of order are named on standard error and in
 * {@code format/target/unformatted}, whose presence fails the build.
 */
class Format {

    private static final Formatter FORMATTER = Formatter.createFormatter(JavaFormatterOptions.builder()
            .style(JavaFormatterOptions.Style.PALANTIR)
            .formatJavadoc(true)
            .build());

    public static void main(String[] args) throws IOException {
        boolean apply = args[0].equals("apply");
        Path root = Path.of(args[1]).toRealPath();
        Path memory = root.resolve("format/target/formatted");
        Set<String> known = Files.exists(memory) ? Set.copyOf(Files.readAllLines(memory)) : Set.of();
        Set<String> good = new ConcurrentSkipListSet<>();
        Set<String> bad = new ConcurrentSkipListSet<>();

        sources(root).parallelStream().forEach(file -> {
            String name = root.relativize(file).toString();
            try {
                String text = Files.readString(file);
                if (known.contains(key(text))) {
                    good.add(key(text));
                    return;
                }
                String formatted = format(text);
                if (apply && !formatted.equals(text)) {
                    Files.writeString(file, formatted);
                    System.out.println("formatted " + name);
                } else if (!formatted.equals(text)) {
                    bad.add(name + ": not formatted");
                    return;
                }
                good.add(key(formatted));
            } catch (FormatterException e) {
                bad.add(name + ":" + e.getMessage());
            } catch (IOException e) {
                bad.add(name + ": " + e);
            }
        });

        Files.createDirectories(memory.getParent());
        Files.write(memory, good);
        Path list = memory.resolveSibling("unformatted");
        Files.deleteIfExists(list);
        if (!bad.isEmpty()) {
            bad.forEach(System.err::println);
            Files.write(list, bad);
        }
    }

    private static String format(String text) throws FormatterException {
        String cleaned = RemoveUnusedImports.removeUnusedImports(text);
        String ordered = ImportOrderer.reorderImports(cleaned, JavaFormatterOptions.Style.PALANTIR);
        // The formatter sets an annotation of a type, as if it were one of a method, on a line of its own.
        return FORMATTER.formatSource(ordered).replaceAll("(?m)^( *@Nullable)\\n +", "$1 ");
    }

    private static String key(String text) {
        return text.length() + " " + Integer.toHexString(text.hashCode());
    }

    private static List<Path> sources(Path root) throws IOException {
        var java = FileSystems.getDefault().getPathMatcher("glob:**.java");
        var found = new ArrayList<Path>();
        try (var modules = Files.list(root)) {
            for (Path module : modules.filter(Files::isDirectory).toList()) {
                Path start = module.endsWith("format") ? module : module.resolve("src");
                if (Files.isDirectory(start)) {
                    try (var files = Files.walk(start)) {
                        files.filter(java::matches).forEach(found::add);
                    }
                }
            }
        }
        return found;
    }
}
