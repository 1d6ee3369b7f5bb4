package dev.rondo.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UrlTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        http://example.org                      | http://example.org/
        HTTP://Example.ORG:80/                  | http://example.org/
        https://example.org:443/a               | https://example.org/a
        https://example.org:80/a                | https://example.org:80/a
        http://example.org:/a                   | http://example.org/a
        http:/example.org/a                     | http://example.org/a
        http://example.org?q=1                  | http://example.org/?q=1
        http://example.org#top                  | http://example.org/#top
        http://example.org/a b?c d#e f          | http://example.org/a%20b?c%20d#e%20f
        http://example.org/ä?ö=ü                | http://example.org/%C3%A4?%C3%B6=%C3%BC
        http://example.org/😀                   | http://example.org/%F0%9F%98%80
        http://example.org/%C3%A4%2f            | http://example.org/%C3%A4%2f
        http://example.org/100%                 | http://example.org/100%25
        http://example.org/%zz                  | http://example.org/%25zz
        http://example.org/a/../b/./c           | http://example.org/b/c
        http://example.org/../../a              | http://example.org/a
        http://example.org/a/..                 | http://example.org/
        http://example.org/a/%2e%2E/b           | http://example.org/b
        http://example.org/a/.hidden/..b        | http://example.org/a/.hidden/..b
        http:\\\\example.org\\a\\b            | http://example.org/a/b
        http://bücher.example/                  | http://xn--bcher-kva.example/
        http://BÜCHER.example/                  | http://xn--bcher-kva.example/
        http://例え.テスト/                     | http://xn--r8jz45g.xn--zckzah/
        http://b%C3%BCcher.example/             | http://xn--bcher-kva.example/
        http://[::1]:8080/a                     | http://[::1]:8080/a
        http://[2001:DB8::1]/                   | http://[2001:db8::1]/
        http://my_host/                         | http://my_host/
        http://example.org/a{b}[c]?d=[e]&f="g"  | http://example.org/a%7Bb%7D%5Bc%5D?d=[e]&f=%22g%22
        http://example.org/?a=b?c/d             | http://example.org/?a=b?c/d
        """)
    void acceptsWhatPeopleType(String typed, String normal) throws Exception {
        assertThat(Url.parse(typed).toString()).isEqualTo(normal);
    }

    @Test
    void dropsWhatCopyingLeavesAround() throws Exception {
        assertThat(Url.parse("  http://exam\nple.org/a\t \r\n").toString()).isEqualTo("http://example.org/a");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        example.org/a          | no scheme in "example.org/a": write http://example.org/a
        localhost:8080/a       | no scheme in "localhost:8080/a": write http://localhost:8080/a
        //example.org/         | no scheme
        ''                     | empty URL
        ftp://example.org/     | unsupported scheme "ftp"
        mailto:a@example.org   | unsupported scheme "mailto"
        javascript:alert(1)    | unsupported scheme "javascript"
        http://                | no host in "http://"
        http:///               | no host
        http://:80/            | no host
        http://user@/          | no host
        http://example.org:0/  | port "0"
        http://example.org:65536/ | port "65536" in "http://example.org:65536/": it must be 1 to 65535
        http://example.org:8a/ | port "8a"
        http://exa mple.org/   | is no host name
        http://a<b/            | is no host name
        http://[::1/           | no IPv6 address
        http://[hello]/        | no IPv6 address
        """)
    void saysWhatIsWrong(String typed, String message) {
        assertThatThrownBy(() -> Url.parse(typed))
                .isInstanceOf(InvalidUrlException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "\u0000", ":", "?", "#"})
    void refusesWhatIsNoAddressAtAll(String typed) {
        assertThatThrownBy(() -> Url.parse(typed)).isInstanceOf(InvalidUrlException.class);
    }

    @Test
    void keepsUserAndPasswordOutOfSight() throws Exception {
        Url url = Url.parse("http://me:p%40ss@example.org/a");
        assertThat(url.userInfo()).isEqualTo("me:p@ss");
        assertThat(url.toString()).isEqualTo("http://example.org/a");
        assertThat(url.authority()).isEqualTo("example.org");
    }

    @Test
    void knowsItsParts() throws Exception {
        Url url = Url.parse("https://example.org:8443/a/b?c=d#e");
        assertThat(url.scheme()).isEqualTo("https");
        assertThat(url.secure()).isTrue();
        assertThat(url.host()).isEqualTo("example.org");
        assertThat(url.port()).isEqualTo(8443);
        assertThat(url.authority()).isEqualTo("example.org:8443");
        assertThat(url.path()).isEqualTo("/a/b");
        assertThat(url.query()).isEqualTo("c=d");
        assertThat(url.target()).isEqualTo("/a/b?c=d");
        assertThat(url.fragment()).isEqualTo("e");
        assertThat(url.toUri()).hasToString("https://example.org:8443/a/b?c=d#e");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /g              | http://a.example/g
        g               | http://a.example/b/c/g
        ./g             | http://a.example/b/c/g
        g/              | http://a.example/b/c/g/
        ?y              | http://a.example/b/c/d?y
        g?y             | http://a.example/b/c/g?y
        #s              | http://a.example/b/c/d?q#s
        g#s             | http://a.example/b/c/g#s
        ''              | http://a.example/b/c/d?q
        .               | http://a.example/b/c/
        ..              | http://a.example/b/
        ../g            | http://a.example/b/g
        ../../../../g   | http://a.example/g
        //h.example/x   | http://h.example/x
        https://h/x     | https://h/x
        ä b             | http://a.example/b/c/%C3%A4%20b
        g?y/../x        | http://a.example/b/c/g?y/../x
        """)
    void resolvesReferences(String reference, String expected) throws Exception {
        assertThat(Url.parse("http://a.example/b/c/d?q").resolve(reference).toString())
                .isEqualTo(expected);
    }

    @Test
    void keepsCredentialsWithinTheOrigin() throws Exception {
        Url base = Url.parse("http://me:secret@example.org/a");
        assertThat(base.resolve("/b").userInfo()).isEqualTo("me:secret");
        assertThat(base.resolve("http://elsewhere.example/").userInfo()).isNull();
        assertThat(base.resolve("//elsewhere.example/").userInfo()).isNull();
    }

    @Test
    void comparesOrigins() throws Exception {
        Url url = Url.parse("http://example.org/a");
        assertThat(url.sameOrigin(Url.parse("http://EXAMPLE.org:80/b"))).isTrue();
        assertThat(url.sameOrigin(Url.parse("https://example.org/a"))).isFalse();
        assertThat(url.sameOrigin(Url.parse("http://example.org:81/a"))).isFalse();
        assertThat(url.sameOrigin(Url.parse("http://www.example.org/a"))).isFalse();
    }

    @Test
    void aHintIsGivenWhereItHelps() {
        assertThatThrownBy(() -> Url.parse("/relative")).hasMessage("no scheme in \"/relative\"");
        assertThatThrownBy(() -> Url.parse("../relative")).hasMessage("no scheme in \"../relative\"");
        assertThatThrownBy(() -> Url.parse("http://ü" + "a".repeat(70) + "/")).hasMessageEndingWith("is no host name");
    }
}
