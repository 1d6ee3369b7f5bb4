package dev.rondo.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The README shows the examples as they are. */
class ReadmeTest {

    private static final Pattern QUOTE = Pattern.compile("<!-- (\\w+) (\\w+) -->\\n```java\\n(.*?)```", Pattern.DOTALL);
    private static final Path SOURCES = Path.of("src/main/java/dev/rondo/examples");

    @Test
    void everyJavaBlockIsARegionOfAnExample() throws IOException {
        String readme = Files.readString(Path.of("../README.md"));
        assertThat(QUOTE.matcher(readme).results().count())
                .as("blocks that name their example")
                .isEqualTo(
                        Pattern.compile("```java\\n").matcher(readme).results().count())
                .isPositive();
        for (MatchResult quote : QUOTE.matcher(readme).results().toList()) {
            assertThat(quote.group(3))
                    .as("%s, region %s", quote.group(1), quote.group(2))
                    .isEqualTo(region(quote));
        }
    }

    private static String region(MatchResult quote) throws IOException {
        String source = Files.readString(SOURCES.resolve(quote.group(1) + ".java"));
        String start = "// @start region=\"" + quote.group(2) + "\"\n";
        int from = source.indexOf(start);
        assertThat(from).as("region %s in %s", quote.group(2), quote.group(1)).isNotNegative();
        String body = source.substring(from + start.length(), source.indexOf("// @end", from));
        return body.substring(0, body.lastIndexOf('\n')).stripIndent() + "\n";
    }
}
