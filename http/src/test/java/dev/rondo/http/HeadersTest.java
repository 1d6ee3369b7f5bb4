package dev.rondo.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadersTest {

    @Test
    void findsNamesInAnyCase() {
        Headers headers = Headers.of("Content-Type", "text/html", "X-A", "1", "x-a", "2");
        assertThat(headers.get("content-type")).isEqualTo("text/html");
        assertThat(headers.get("X-a")).isEqualTo("1");
        assertThat(headers.all("X-A")).containsExactly("1", "2");
        assertThat(headers.get("X-B")).isNull();
        assertThat(headers.all("X-B")).isEmpty();
        assertThat(headers.size()).isEqualTo(3);
    }

    @Test
    void findsTokensInLists() {
        Headers headers = Headers.of("Connection", "Upgrade ,  Close", "Connection", "x");
        assertThat(headers.hasToken("connection", "close")).isTrue();
        assertThat(headers.hasToken("connection", "X")).isTrue();
        assertThat(headers.hasToken("connection", "clos")).isFalse();
        assertThat(headers.hasToken("other", "close")).isFalse();
    }

    @Test
    void replacesAndDropsByName() {
        Headers headers = Headers.of("A", "1", "B", "2", "a", "3");
        assertThat(headers.with("a", "4")).isEqualTo(Headers.of("B", "2", "a", "4"));
        assertThat(headers.without("A")).isEqualTo(Headers.of("B", "2"));
        assertThat(headers.without("C")).isSameAs(headers);
        assertThat(headers)
                .isEqualTo(Headers.of("a", "1", "b", "2", "A", "3"))
                .hasSameHashCodeAs(Headers.of("a", "1", "b", "2", "A", "3"));
    }

    @Test
    void fillsInDefaults() {
        Headers defaults = Headers.of("Accept", "*/*", "User-Agent", "rondo");
        assertThat(Headers.of("accept", "text/html").withDefaults(defaults))
                .isEqualTo(Headers.of("accept", "text/html", "User-Agent", "rondo"));
        assertThat(Headers.EMPTY.withDefaults(defaults)).isEqualTo(defaults);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "a:", "a\r\nb", "ä", "a\u0000", "(a)"})
    void refusesNamesThatAreNoToken(String name) {
        assertThatThrownBy(() -> Headers.of(name, "x")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nSet-Cookie: x", "a\nb", "a\u0000b", "a\u007f", "日本"})
    void refusesValuesThatCouldSmuggleSomethingIn(String value) {
        assertThatThrownBy(() -> Headers.of("X", value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("header X");
    }

    @Test
    void saysWhichNameHasNoValue() {
        assertThatThrownBy(() -> Headers.of("A", "1", "B")).hasMessageContaining("\"B\", has no value");
    }

    @Test
    void growsWithManyFields() {
        Headers.Builder builder = Headers.builder();
        for (int i = 0; i < 100; i++) {
            builder.add("X-" + i, "" + i);
        }
        assertThat(builder.build().get("x-99")).isEqualTo("99");
    }
}
