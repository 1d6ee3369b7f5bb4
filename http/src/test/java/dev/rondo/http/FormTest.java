package dev.rondo.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names and values, urlencoded. */
class FormTest {

    @Test
    void isEncodedAsBrowsersDo() throws Exception {
        Form form =
                Form.of("a b", "1&2=3+4", "ä", "%20\r\n", "e", "", "*-._~", "x").with("a b", "again");
        assertThat(form.encoded()).isEqualTo("a+b=1%262%3D3%2B4&%C3%A4=%2520%0D%0A&e=&*-._%7E=x&a+b=again");
        assertThat(Form.parse(form.encoded())).isEqualTo(form);
        Body body = Body.form(Form.of("a", "ä"));
        assertThat(body.contentType()).isEqualTo("application/x-www-form-urlencoded");
        assertThat((Object) StandardCharsets.US_ASCII.decode(body.whole())).hasToString("a=%C3%A4");
    }

    @ParameterizedTest
    @CsvSource({"'',[]", "&&,[]", "a,a:", "=,:", "a=b=c&d,a:b=c d:", "+%2b=%zz%,' +:%zz%'", "a=%ff,a:\uFFFD"})
    void nothingIsMalformed(String text, String expected) throws Exception {
        var seen = new StringBuilder();
        Form.parse(text)
                .forEach((name, value) -> seen.append(seen.isEmpty() ? "" : " ")
                        .append(name)
                        .append(':')
                        .append(value));
        assertThat(seen.isEmpty() ? "[]" : seen.toString()).isEqualTo(expected);
    }

    @Test
    void aNameMayComeMoreThanOnce() {
        Form form = Form.of("a", "1", "b", "2", "a", "3");
        assertThat(form.get("a")).isEqualTo("1");
        assertThat(form.all("a")).containsExactly("1", "3");
        assertThat(form.get("A")).isNull();
        assertThat(form.contains("b")).isTrue();
        assertThat(form.size()).isEqualTo(3);
        assertThat(form).hasToString("Form[a, b, a]");
        assertThatThrownBy(() -> Form.of("a")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theNumberOfFieldsIsBounded() throws Exception {
        assertThat(Form.parse("a&".repeat(1000)).size()).isEqualTo(1000);
        assertThatThrownBy(() -> Form.parse("a&".repeat(1001))).isInstanceOf(TooLargeException.class);
        assertThatThrownBy(() -> Form.parse("a&b&c", 2)).isInstanceOf(TooLargeException.class);
    }
}
