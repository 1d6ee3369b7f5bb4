package dev.rondo.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The check, on a project of one module with four rows. */
class CoverageTest {

    private static final String UP_TO_DATE = "# Differences\n\n## Differences\n\n1. One.\n2. Two (L-2).\n";

    @TempDir
    private Path root;

    @BeforeEach
    void aProjectThatIsCovered() throws IOException {
        write(Coverage.ROWS, """
                # a remark
                ## 1. Loops
                L-1 | tested
                L-2 | different
                ## 2. Sockets
                S-TLS-1 | later | net
                S-TLS-2 | later, and here already | net
                """);
        write(Coverage.DIFFERENCES, UP_TO_DATE);
        test("L-1", "S-TLS-2");
        Coverage.run(true, root);
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private void test(String... rows) throws IOException {
        StringBuilder specs = new StringBuilder();
        for (String row : rows) {
            specs.append("@Spec(\"%s\")\n".formatted(row));
        }
        write("core/src/test/java/some/SomeTest.java", specs + "void holds() throws IOException {}\nvoid other() {}");
    }

    private List<String> check() throws IOException {
        return Coverage.run(false, root);
    }

    @Test
    void everyRowIsInOneOfTheLists() throws IOException {
        assertThat(check()).isEmpty();
        assertThat(root.resolve(Coverage.PROBLEMS)).doesNotExist();
        assertThat(Files.readString(root.resolve(Coverage.DOCUMENT)))
                .contains("| L-1 | tested | `SomeTest#holds` |")
                .contains("| L-2 | different | difference 2 |")
                .contains("| S-TLS-1 | later | comes with `net` |")
                .contains("| S-TLS-2 | later, and here already | `SomeTest#holds` |")
                .contains("| pinned by a test | 2 |", "| comes with `net` | 1 |", "| missing | 0 |", "| all | 4 |");
    }

    @Test
    void aRowInNoListIsAProblem() throws IOException {
        test("S-TLS-2");
        Coverage.run(true, root);
        assertThat(check()).singleElement().asString().contains("row L-1 (tested) has no test");
        assertThat(root.resolve(Coverage.PROBLEMS)).exists();
        assertThat(Files.readString(root.resolve(Coverage.DOCUMENT))).contains("| L-1 | tested | **missing** |");
    }

    @Test
    void aRowThatDoesNotExistIsAProblemWhereverItIsNamed() throws IOException {
        test("L-1", "L-99", "S-TLS-2");
        write(Coverage.DIFFERENCES, UP_TO_DATE + "3. Three (M-4, Q-7).\n\n## Other\n\n(Z-1)\n");
        assertThat(check())
                .containsExactly(
                        "SomeTest#holds names row L-99, which does not exist",
                        "docs/asyncio-to-rondo.md names row Q-7, which does not exist");
    }

    @Test
    void aDocumentThatIsOutOfDateIsAProblem() throws IOException {
        test("L-1");
        assertThat(check()).singleElement().asString().contains("out of date").contains(Coverage.REWRITE);
        Coverage.run(true, root);
        assertThat(check()).isEmpty();
    }
}
