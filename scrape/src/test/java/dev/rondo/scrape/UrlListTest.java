package dev.rondo.scrape;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

class UrlListTest {

    @Test
    void oneALineWithoutBlanksAndComments() throws IOException {
        String list = "\uFEFFhttp://a/\r\n\n  http://b/ü \n# not this\n#http://c/\nhttp://d/#this";
        assertThat(UrlList.read(new ByteArrayInputStream(list.getBytes(UTF_8))))
                .containsExactly("http://a/", "http://b/ü", "http://d/#this");
    }

    @Test
    void whatCannotBeReadIsAnIOException() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("Input/output error");
            }
        };
        assertThatThrownBy(() -> UrlList.read(broken))
                .isInstanceOf(IOException.class)
                .hasMessage("Input/output error");
    }

    @Test
    void theSameOneTwiceIsTwo() throws IOException {
        assertThat(UrlList.read(new ByteArrayInputStream("a\na\n".getBytes(UTF_8))))
                .containsExactly("a", "a");
    }
}
