package dev.rondo.scrape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JsonLinesTest {

    @TempDir
    private Path directory;

    private Path path;

    @BeforeEach
    void path() {
        path = directory.resolve("pages.jsonl");
    }

    @Test
    void aPageThatArrived() throws IOException {
        write(new Page("example.org", "http://example.org/", 200, 1256, 1300, 0.2134124, null));
        assertThat(path)
                .hasContent("{\"url\":\"example.org\",\"finalUrl\":\"http://example.org/\",\"status\":200,"
                        + "\"characters\":1256,"
                        + "\"bytes\":1300,\"seconds\":0.213412,\"error\":null}\n");
    }

    @Test
    void whatThereIsNotIsNull() throws IOException {
        write(new Page("http://h/", null, 0, 0, 0, 0, "connection refused"));
        assertThat(path)
                .hasContent("{\"url\":\"http://h/\",\"finalUrl\":null,\"status\":null,\"characters\":null,\"bytes\":0,"
                        + "\"seconds\":0.000000,\"error\":\"connection refused\"}\n");
    }

    @Test
    void anEmptyPageHasNoCharactersWhichIsNotNull() throws IOException {
        write(new Page("u", "u", 200, 0, 0, 0.1, null));
        assertThat(JsonMapper.shared()
                        .readTree(Files.readString(path))
                        .get("characters")
                        .isNumber())
                .isTrue();
    }

    @Test
    void whateverTheUrlIsThereIsOneLineAndItReadsBack() throws IOException {
        String url = "http://h/\"\\\n\r\u0000\u2028ä世\uD83D\uDE00";
        write(new Page(url, url, 200, 1, 1, 1, null), new Page("half a character: \uD83D", null, 0, 0, 0, 1, "x"));
        assertThat(Files.readAllLines(path)).hasSize(2);
        JsonNode first = JsonMapper.shared().readTree(Files.readAllLines(path).getFirst());
        assertThat(first.get("url").asString()).isEqualTo(url);
    }

    @Test
    void anOlderFileIsReplaced() throws IOException {
        Files.writeString(path, "something longer than the new line ".repeat(100));
        write(new Page("u", "u", 200, 1, 1, 1, null));
        assertThat(Files.readAllLines(path))
                .singleElement()
                .asString()
                .startsWith("{")
                .endsWith("}");
    }

    @Test
    void aFileThatCannotBeWrittenIsNamed() {
        assertThatThrownBy(() -> new JsonLines(directory.resolve("no/such/directory.jsonl")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("directory.jsonl")
                .hasMessageContaining("No such file or directory");
    }

    private void write(Page... pages) throws IOException {
        try (JsonLines file = new JsonLines(path)) {
            for (Page page : pages) {
                file.add(page);
            }
            file.flush();
        }
    }
}
