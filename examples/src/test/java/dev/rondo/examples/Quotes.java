package dev.rondo.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the pages quote: regions of classes that are compiled, and texts that a test prints. */
public final class Quotes {

    private static final Path ROOT = Path.of("..");
    private static final Pattern JAVA = Pattern.compile("```java\\n");
    private static final Pattern REGION =
            Pattern.compile("<!-- (\\w+) (\\w+) -->\\n```java\\n(.*?)```", Pattern.DOTALL);
    private static final List<Path> SOURCES = List.of(
            Path.of("src/main/java/dev/rondo/examples"),
            Path.of("src/test/java/dev/rondo/examples/testing"),
            Path.of("../testkit/src/test/java/dev/rondo/testkit"));

    private Quotes() {}

    /** Fails unless each Java block of a page is a region of the class that the comment above it names. */
    static void check(String page) throws IOException {
        String text = Files.readString(ROOT.resolve(page));
        assertThat(REGION.matcher(text).results().count())
                .as("blocks of %s that name their class", page)
                .isEqualTo(JAVA.matcher(text).results().count())
                .isPositive();
        for (var quote : REGION.matcher(text).results().toList()) {
            assertThat(quote.group(3))
                    .as("%s: %s, region %s", page, quote.group(1), quote.group(2))
                    .isEqualTo(region(quote.group(1), quote.group(2)));
        }
    }

    private static String region(String type, String name) throws IOException {
        Path file = SOURCES.stream()
                .map(directory -> directory.resolve(type + ".java"))
                .filter(Files::exists)
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + type + ".java in " + SOURCES));
        String source = Files.readString(file);
        String start = "// @start region=\"" + name + "\"\n";
        int from = source.indexOf(start);
        assertThat(from).as("region %s in %s", name, file).isNotNegative();
        String body = source.substring(from + start.length(), source.indexOf("// @end", from));
        return body.substring(0, body.lastIndexOf('\n')).stripIndent() + "\n";
    }

    /** Returns the text block below the comment of that name. */
    public static String text(String page, String name) throws IOException {
        Matcher block = Pattern.compile("<!-- " + name + " -->\\n```text\\n(.*?)\\n```", Pattern.DOTALL)
                .matcher(Files.readString(ROOT.resolve(page)));
        assertThat(block.find()).as("text \"%s\" in %s", name, page).isTrue();
        return block.group(1);
    }
}
