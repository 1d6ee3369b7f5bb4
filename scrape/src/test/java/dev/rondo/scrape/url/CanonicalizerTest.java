package dev.rondo.scrape.url;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.http.Url;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalizerTest {

    private static final Canonicalizer RULES = Canonicalizer.DEFAULT;

    private static PageUrl url(String text) {
        PageUrl url = RULES.parse(text);
        assertThat(url).as(text).isNotNull();
        return url;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        HTTP://EXAMPLE.org                  | http://example.org/
        http://example.org:80/a             | http://example.org/a
        https://example.org:443             | https://example.org/
        http://user:secret@example.org/     | http://example.org/
        http://example.org/a#b              | http://example.org/a
        http://example.org/%7Ea%2fb%c3%a4   | http://example.org/~a%2Fb%C3%A4
        http://example.org/%41?%62=%2d%26   | http://example.org/A?b=-%26
        http://example.org/a/./b/../c/%2e%2E/d | http://example.org/a/d
        http://example.org/a?b=2&a=1        | http://example.org/a?b=2&a=1
        http://example.org/a/               | http://example.org/a/
        http://example.org/a?               | http://example.org/a?
        http://bücher.example/ä             | http://xn--bcher-kva.example/%C3%A4
        http://h/c%7e?utm_source=x&b=2&a=1  | http://h/c~?utm_source=x&b=2&a=1
        http://[::1]:80/x                   | http://[::1]/x
        http://[2001:DB8:0:0:1:0:0:1]/      | http://[2001:db8::1:0:0:1]/
        http://[1:0:2:0:0:0:3:4]/           | http://[1:0:2::3:4]/
        http://[::ffff:1.2.3.4]/            | http://[::ffff:102:304]/
        http://[::]/                        | http://[::]/
        http://2130706433/                  | http://127.0.0.1/
        http://0x7f.1/                      | http://127.0.0.1/
        http://0177.0.0.01/                 | http://127.0.0.1/
        http://1.2.3/                       | http://1.2.0.3/
        http://192.168.0.257.example/       | http://192.168.0.257.example/
        """)
    void oneSpelling(String typed, String canonical) {
        assertThat(url(typed).text()).isEqualTo(canonical);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ftp://h/",
                "mailto:a@b",
                "javascript:alert(1)",
                "data:text/html,x",
                "http://",
                "http://a b/",
                "http://256.256.256.256/",
                "http://1.2.3.4.5/",
                "http://h:99999/",
                "http://[::1/",
                "http://a<b/",
                "/a"
            })
    void whatCannotBeAskedForIsNone(String typed) {
        assertThat(RULES.parse(typed)).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = true, textBlock = """
        b                 | http://h:8080/x/b
        ./b               | http://h:8080/x/b
        ../b              | http://h:8080/b
        ../../b           | http://h:8080/b
        ..                | http://h:8080/
        .                 | http://h:8080/x/
        b/../c            | http://h:8080/x/c
        b/./c             | http://h:8080/x/b/c
        .hidden           | http://h:8080/x/.hidden
        b..c              | http://h:8080/x/b..c
        /b                | http://h:8080/b
        //other/b         | http://other/b
        /b//c             | http://h:8080/b//c
        \\b\\c            | http://h:8080/b/c
        ?c=d              | http://h:8080/x/y?c=d
        b?c=d#e           | http://h:8080/x/b?c=d
        #e                | http://h:8080/x/y?q=1
        b c               | http://h:8080/x/b%20c
        b%20c             | http://h:8080/x/b%20c
        b%c               | http://h:8080/x/b%25c
        ä                 | http://h:8080/x/%C3%A4
        b:c               |
        1:c               | http://h:8080/x/1:c
        http:b            | http://h:8080/x/b
        https:b           | https://b/
        http://o/../b     | http://o/b
        mailto:a@b        |
        JavaScript:void(0)|
        http://h:8080     | http://h:8080/
        """)
    void references(String reference, String target) {
        PageUrl resolved = RULES.resolve(url("http://h:8080/x/y?q=1"), reference);
        assertThat(resolved == null ? null : resolved.text()).isEqualTo(target);
    }

    @Test
    void spacesAndLineBreaksAroundAReferenceAreDropped() {
        PageUrl base = url("http://h/x/y");
        assertThat(RULES.resolve(base, " \n/a\tb\r\n ")).hasToString("http://h/ab");
        assertThat(RULES.resolve(base, "")).isEqualTo(base);
    }

    @Test
    void rulesThatChangeWhichPagesThereAreAreOptions() {
        String typed = "http://h/a;jsessionid=1F2?b=2&utm_source=x&a=1&PHPSESSID=9&gclid=q";
        assertThat(new Canonicalizer(true, false, false).parse("http://h/?b&a=2&a=1"))
                .hasToString("http://h/?a=1&a=2&b");
        assertThat(new Canonicalizer(false, true, false).parse(typed))
                .hasToString("http://h/a;jsessionid=1F2?b=2&a=1&PHPSESSID=9");
        assertThat(new Canonicalizer(false, true, true).parse(typed)).hasToString("http://h/a?b=2&a=1");
        assertThat(new Canonicalizer(false, true, false).parse("http://h/a?utm_source=x"))
                .hasToString("http://h/a");
    }

    /** Whatever comes out is what the client asks for, and the same when it comes again. */
    @Test
    void theSpellingOfASpellingIsItself() throws Exception {
        String alphabet = "ab/.?#%&=:@[]\\ ~2eEfF;,'\"<>{}|^`ä😀\u0001-_+*!()$";
        int valid = 0;
        for (int seed = 0; seed < 50_000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "http://h" : "");
            for (int i = random.nextInt(20); i > 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            PageUrl first = RULES.resolve(url("http://base/x/y"), text.toString());
            if (first != null) {
                valid++;
                assertThat(RULES.parse(first.text())).as("seed %d", seed).isEqualTo(first);
                assertThat(Url.parse(first.text())).as("seed %d", seed).hasToString(first.text());
                assertThat(first.text()).as("seed %d", seed).matches("[!-~]+");
            }
        }
        assertThat(valid).isGreaterThan(20_000);
    }

    @Test
    void theShortWayComesToTheSameAsTheLongOne() throws Exception {
        String[] pieces = {"a", "..", ".", "/", "b.html", "?", "x=1", "#f", "c", "-", "../", "./"};
        for (int seed = 0; seed < 50_000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(7); i > 0; i--) {
                text.append(pieces[random.nextInt(pieces.length)]);
            }
            if (text.toString().startsWith("//")) {
                continue;
            }
            PageUrl base = url("http://h/p/q/r?s=t");
            String expected = Url.parse(base.text())
                    .resolve(text.toString())
                    .withFragment(null)
                    .toString();
            assertThat(RULES.resolve(base, text.toString()))
                    .as("seed %d: %s", seed, text)
                    .hasToString(expected);
        }
    }

    @Test
    void theParts() {
        PageUrl url = url("https://example.org:8443/a/b?c=d");
        assertThat(url.scheme()).isEqualTo("https");
        assertThat(url.origin()).isEqualTo("https://example.org:8443");
        assertThat(url.authority()).isEqualTo("example.org:8443");
        assertThat(url.host()).isEqualTo("example.org");
        assertThat(url.path()).isEqualTo("/a/b");
        assertThat(url.query()).isEqualTo("c=d");
        assertThat(url("http://[::1]:81/").host()).isEqualTo("[::1]");
    }

    // -------------------------------------------------------------------------------------------------- what belongs

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        http://example.org/a        | true  | true  | true
        https://example.org/b/c     | true  | true  | false
        http://example.org/b/c      | true  | true  | false
        http://www.example.org/     | false | true  | false
        http://example.org:81/      | false | true  | false
        http://badexample.org/      | false | false | false
        http://example.com/         | false | false | false
        """)
    void scopes(String typed, boolean host, boolean domain, boolean page) {
        PageUrl start = url("http://example.org/x");
        assertThat(Scope.host(start).contains(url(typed))).isEqualTo(host);
        assertThat(Scope.domain(start).contains(url(typed))).isEqualTo(domain);
        assertThat(Scope.matching(Pattern.compile("org/a$")).contains(url(typed)))
                .isEqualTo(page);
    }

    @Test
    void aPrefixEndsAtTheLastSlash() {
        Scope scope = Scope.prefix(url("http://h/docs/index.html"));
        assertThat(scope.contains(url("http://h/docs/a/b"))).isTrue();
        assertThat(scope.contains(url("http://h/docsearch"))).isFalse();
        assertThat(scope.without(Scope.matching(Pattern.compile("/a/"))).contains(url("http://h/docs/a/b")))
                .isFalse();
    }

    @Test
    void aDomainWithoutAPublicSuffixIsTheHost() {
        assertThat(Scope.domain(url("http://127.0.0.1/")).contains(url("http://127.0.0.1:80/a")))
                .isTrue();
        assertThat(Scope.domain(url("http://a.github.io/")).contains(url("http://b.github.io/")))
                .isFalse();
    }

    // --------------------------------------------------------------------------------------------------------- traps

    private static String check(Traps traps, String url, int depth) {
        return traps.check(url(url), depth);
    }

    @Test
    void addressesThatAreOneOfEndlesslyMany() {
        Traps traps = new Traps(new TrapLimits(100, 6, 2, 50, 10, 5, 30));
        assertThat(check(traps, "http://h/" + "a".repeat(200), 1)).contains("longer than 100");
        assertThat(check(traps, "http://h/a/b/c/d/e/f/g", 1)).contains("more than 6 segments");
        assertThat(check(traps, "http://h/a/b/a/b/a", 1)).contains("a segment of the path more than 2 times");
        assertThat(check(traps, "http://h/x", 31)).contains("more than 30 links away");
        for (int i = 0; i < 50; i++) {
            assertThat(check(traps, "http://h/doc/" + i + ".html", 1)).isNull();
        }
        assertThat(check(traps, "http://h/doc/50.html", 1)).contains("more than 50 addresses like http://h/doc/#.html");
        for (int i = 1; i <= 10; i++) {
            assertThat(check(traps, "http://h/cal/2026/01/" + i, 1)).isNull();
        }
        assertThat(check(traps, "http://h/cal/2026/01/11", 1)).contains("more than 10 dates");
        for (int i = 0; i < 5; i++) {
            assertThat(check(traps, "http://h/list?sort=" + "abcde".charAt(i), 1))
                    .isNull();
        }
        assertThat(check(traps, "http://h/list?sort=f", 1)).contains("more than 5 queries of http://h/list");
        assertThat(check(traps, "http://h/a;jsessionid=ABCDEF123456/b", 1)).isNull();
        assertThat(check(traps, "http://h/a;jsessionid=FEDCBA654321/b", 1)).contains("but for a session");
    }

    @Test
    void anHonestSiteIsNone() {
        Traps traps = new Traps();
        for (int i = 0; i < 100_000; i++) {
            assertThat(traps.check(url("http://h/doc/" + i + ".html"), 5)).isNull();
        }
        for (int i = 0; i < 500; i++) {
            assertThat(traps.check(
                            url("http://h/commit/" + Integer.toHexString(i).repeat(20)), 5))
                    .isNull();
        }
    }

    @Test
    void aSetOfAMillionForgetsNoneAndTakesNoneForAnother() {
        UrlHashes hashes = new UrlHashes();
        for (int i = 0; i < 1_000_000; i++) {
            assertThat(hashes.add("http://h/" + i)).isTrue();
        }
        for (int i = 0; i < 1_000_000; i += 1000) {
            assertThat(hashes.add("http://h/" + i)).isFalse();
        }
        assertThat(hashes.size()).isEqualTo(1_000_000);
    }
}
