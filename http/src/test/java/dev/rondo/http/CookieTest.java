package dev.rondo.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How cookies are read and written. */
class CookieTest {

    private static Cookie parsed(String setCookie) {
        Cookie cookie = Cookie.parse(setCookie);
        assertThat(cookie).as(setCookie).isNotNull();
        return cookie;
    }

    // ------------------------------------------------------------------------------------------------- Set-Cookie

    @Test
    void readsEveryAttribute() {
        assertThat(parsed(" id = a=b ;Domain=.Example.org; PATH=/x ; max-age=60; Expires=Tue, 1 Jan 2030 00:00:00 GMT;"
                        + "secure; HttpOnly=; SameSite=lAx; Partitioned; Priority=High; ;"))
                .isEqualTo(new Cookie(
                        "id",
                        "a=b",
                        ".Example.org",
                        "/x",
                        Duration.ofMinutes(1),
                        Instant.parse("2030-01-01T00:00:00Z"),
                        true,
                        true,
                        Cookie.SameSite.LAX,
                        true));
    }

    @Test
    void whatIsWrittenIsReadBack() {
        Cookie cookie = Cookie.of("id", "1")
                .withDomain("example.org")
                .withPath("/")
                .withMaxAge(Duration.ofDays(1))
                .withExpires(Instant.parse("2031-12-24T18:00:00Z"))
                .withSecure()
                .withHttpOnly()
                .withSameSite(Cookie.SameSite.NONE)
                .withPartitioned();
        assertThat(cookie.toSetCookie())
                .isEqualTo("id=1; Expires=Wed, 24 Dec 2031 18:00:00 GMT; Max-Age=86400; Domain=example.org; Path=/;"
                        + " Secure; HttpOnly; SameSite=None; Partitioned");
        assertThat(Cookie.parse(cookie.toSetCookie())).isEqualTo(cookie);
    }

    @Test
    void theLastOfAKindOfAttributesCounts() {
        assertThat(parsed("a=b; Path=/x; Path=/y; Domain=x.org; Domain=; Path=z"))
                .isEqualTo(new Cookie("a", "b", null, null, null, null, false, false, null, false));
    }

    @Test
    void attributesWithoutSenseAreLeftOut() {
        Cookie cookie = parsed("a=b; Max-Age=1h; Expires=soon; SameSite=maybe; Domain=" + "x".repeat(1025));
        assertThat(cookie).isEqualTo(Cookie.of("a", "b"));
        assertThat(parsed("a=b; Max-Age=" + "9".repeat(500)).maxAge()).isGreaterThan(Duration.ofDays(3650));
        assertThat(parsed("a=b; Max-Age=-5").maxAge()).isNegative();
    }

    @Test
    void oneWithoutANameIsAValue() {
        assertThat(parsed("token").value()).isEqualTo("token");
        assertThat(parsed("=token; Secure").name()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "=", " ; Secure", "a=b\0", "a=b\rc", "a=b\nc=d", "a\u007f=b", "a=b\tc", "a=€"})
    void whatCannotBeIsIgnored(String setCookie) {
        assertThat(Cookie.parse(setCookie)).isNull();
    }

    @Test
    void oneOfMoreThan4096BytesIsIgnored() {
        assertThat(Cookie.parse("a=" + "x".repeat(4095))).isNotNull();
        assertThat(Cookie.parse("a=" + "x".repeat(4096))).isNull();
    }

    @Test
    void allCookiesOfAHeadAreReadAndTheRestPassedOver() {
        Headers headers = Headers.of("Set-Cookie", "a=1, b=2", "set-cookie", "", "SET-COOKIE", "c=3; Path=/");
        assertThat(Cookie.allOf(headers)).extracting(Cookie::toPair).containsExactly("a=1, b=2", "c=3");
    }

    @Test
    void nothingCanBeSmuggledIn() {
        for (String value : new String[] {"a;b", "a b", "a\r\nb", "a,b", "a\"b", "a\\b", "ä"}) {
            assertThatThrownBy(() -> Cookie.of("a", value)).as(value).isInstanceOf(IllegalArgumentException.class);
        }
        for (String name : new String[] {"", "a=b", "a b", "a;", "a\r"}) {
            assertThatThrownBy(() -> Cookie.of(name, "b")).as(name).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> Cookie.of("a", "b").withPath("/; Secure"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Cookie.of("a", "b").withDomain("a\r\nSet-Cookie: b"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void printsNoSecrets() {
        assertThat(Cookie.of("id", "secret").withSecure()).hasToString("Cookie[id=…; Secure]");
    }

    // ------------------------------------------------------------------------------------------------------ Cookie

    @Test
    void readsWhatAClientSends() {
        Headers headers = Headers.of("Cookie", "a=1; b=\"2 \"; a=3;; nothing; =x; c=x=y", "Cookie", "d=");
        assertThat(Cookie.sentWith(headers)).hasToString("{a=1, b=2 , c=x=y, d=}");
        assertThat(Cookie.sentWith(Headers.EMPTY)).isEmpty();
    }

    // ------------------------------------------------------------------------------------------------------- dates

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Tue, 1 Jan 70 00:00:00 GMT | 1970-01-01T00:00:00Z",
                "Tue, 1 Jan 10 00:00:00 GMT | 2010-01-01T00:00:00Z",
                "1 Jan 1970 00:00:00 GMT | 1970-01-01T00:00:00Z",
                "Tue, 1 Jan 1970 00:00:00 | 1970-01-01T00:00:00Z",
                "Wed, 09-Jun-2021 10:18:14 GMT | 2021-06-09T10:18:14Z",
                "Wednesday, 09-Jun-21 10:18:14 GMT | 2021-06-09T10:18:14Z",
                "Wed Jun  9 10:18:14 2021 | 2021-06-09T10:18:14Z",
                "10:18:14 2021 june 9th | 2021-06-09T10:18:14Z",
                "Sat, 29 Feb 2020 1:2:3 GMT | 2020-02-29T01:02:03Z",
            })
    void readsDatesHoweverTheyAreWritten(String text, Instant expected) {
        assertThat(parsed("a=b; Expires=" + text).expires()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Tue, 1 Jan 00:00:00 GMT",
                "Tue, 1 1970 00:00:00 GMT",
                "Tue, Jan 1970 00:00:00 GMT",
                "Tue, 1 Jan 1970 GMT",
                "Tue, 0 Jan 1970 00:00:00 GMT",
                "Tue, 1 Jan 1500 00:00:00 GMT",
                "Tue, 1 Jan 1970 77:88:99 GMT",
                "Tue, 30 Feb 2021 00:00:00 GMT",
                "Tue, 1 Jan 19700 00:00 GMT"
            })
    void whatIsNoDateIsNone(String text) {
        assertThat(parsed("a=b; Expires=" + text).expires()).isNull();
    }
}
