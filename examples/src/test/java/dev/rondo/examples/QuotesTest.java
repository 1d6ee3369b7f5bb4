package dev.rondo.examples;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages show the examples as they are. */
class QuotesTest {

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/testing.md"})
    void everyJavaBlockIsARegionOfAClass(String page) throws IOException {
        Quotes.check(page);
    }
}
