package dev.rondo.http;

import static dev.rondo.Asyncio.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a jar takes, and what it gives to whom. */
class CookieJarTest {

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final CookieJar jar = CookieJar.builder().clock(() -> now).build();

    private static Url url(String text) throws InvalidUrlException {
        return Url.parse(text);
    }

    private static void set(CookieJar jar, String from, String... cookies) throws InvalidUrlException {
        Headers.Builder headers = Headers.builder();
        for (String cookie : cookies) {
            headers.add("Set-Cookie", cookie);
        }
        jar.update(url(from), headers.build());
    }

    private void set(String from, String... cookies) throws InvalidUrlException {
        set(jar, from, cookies);
    }

    private String sent(String to) throws InvalidUrlException {
        String header = jar.header(url(to));
        return header == null ? "-" : header;
    }

    // ----------------------------------------------------------------------------------------------------- domains

    @Test
    void aCookieWithoutADomainIsForItsHostAlone() throws Exception {
        set("http://example.org/", "a=1");
        assertThat(sent("http://example.org/x")).isEqualTo("a=1");
        assertThat(sent("http://example.org:8080/")).isEqualTo("a=1");
        assertThat(sent("http://www.example.org/")).isEqualTo("-");
        assertThat(sent("http://org/")).isEqualTo("-");
    }

    @Test
    void aCookieWithADomainIsForAllBelow() throws Exception {
        run(() -> {
            set("http://www.example.org/", "a=1; Domain=example.org", "b=2; Domain=.EXAMPLE.org");
            assertThat(sent("http://example.org/")).isEqualTo("a=1; b=2");
            assertThat(sent("http://a.b.example.org/")).isEqualTo("a=1; b=2");
            assertThat(sent("http://badexample.org/")).isEqualTo("-");
        });
    }

    @Test
    void nobodySetsCookiesForAnother() throws Exception {
        run(() -> {
            set(
                    "http://www.example.org/",
                    "a=1; Domain=other.org",
                    "b=1; Domain=x.www.example.org",
                    "c=1; Domain=ple.org",
                    "d=1; Domain=127.0.0.1");
            assertThat(jar.size()).isZero();
        });
    }

    @ParameterizedTest
    @CsvSource({
        "http://example.co.uk/, co.uk",
        "http://example.org/, org",
        "http://a.github.io/, github.io",
        "http://x.foo.ck/, foo.ck",
        "http://a.localdomain/, localdomain",
        "http://a.xn--55qx5d.cn/, 公司.cn",
    })
    void nobodySetsCookiesForAPublicSuffix(String from, String domain) throws Exception {
        run(() -> {
            // A header is read as Latin-1.
            String sentAs = domain.chars().allMatch(c -> c < 0x80) ? domain : java.net.IDN.toASCII(domain);
            set(from, "a=1; Domain=" + sentAs);
            assertThat(jar.size()).isZero();
        });
    }

    @Test
    void exceptionsOfPublicSuffixesAreNone() throws Exception {
        run(() -> {
            set("http://a.www.ck/", "a=1; Domain=www.ck");
            assertThat(sent("http://www.ck/")).isEqualTo("a=1");
        });
    }

    @Test
    void aPublicSuffixThatIsAHostMayHaveItsOwn() throws Exception {
        run(() -> {
            set("http://github.io/", "a=1; Domain=github.io");
            set("http://localhost/", "b=1; Domain=localhost");
            assertThat(sent("http://github.io/")).isEqualTo("a=1");
            assertThat(sent("http://x.github.io/")).isEqualTo("-");
            assertThat(sent("http://localhost/")).isEqualTo("b=1");
        });
    }

    @Test
    void aDomainThatEndsWithADotIsPassedOver() throws Exception {
        set("http://www.example.com/", "a=1; Domain=example.com.");
        assertThat(sent("http://www.example.com/")).isEqualTo("a=1");
        assertThat(sent("http://example.com/")).isEqualTo("-");
    }

    @Test
    void domainsInOtherScriptsAreTheirPunycode() throws Exception {
        run(() -> {
            set("http://éé.com/", "a=1; Domain=xn--9caa.com");
            jar.add(url("http://xn--9caa.com/"), Cookie.of("b", "2").withDomain("éé.com"));
            assertThat(sent("http://www.éé.com/")).isEqualTo("a=1; b=2");
        });
    }

    @Test
    void addressesAreRefusedUnlessAllowed() throws Exception {
        set("http://127.0.0.1/", "a=1");
        set("http://[::1]/", "a=1");
        assertThat(jar.size()).isZero();
        CookieJar unsafe = CookieJar.builder().allowIpAddresses().build();
        set(unsafe, "http://127.0.0.1/", "a=1", "b=2; Domain=127.0.0.1", "c=3; Domain=0.0.1");
        set(unsafe, "http://[::1]/", "d=4");
        assertThat(unsafe.header(url("http://127.0.0.1:81/"))).isEqualTo("a=1; b=2");
        assertThat(unsafe.header(url("http://[::1]/"))).isEqualTo("d=4");
    }

    // ------------------------------------------------------------------------------------------------------- paths

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/one/two/ | path4 path3 path2 path1",
                "/one/two | path3 path2 path1",
                "/one/two/three/ | path4 path3 path2 path1",
                "/one/twofold | path2 path1",
                "/ | path1",
                "/onetwo | path1",
            })
    void aPathIsForAllBelowAndTheLongestIsSentFirst(String path, String names) throws Exception {
        set("http://pathtest.com/", "path1=; Path=/", "path2=; Path=/one", "path3=; Path=/one/two");
        set("http://pathtest.com/", "path4=; Path=/one/two/");
        assertThat(jar.cookies(url("http://pathtest.com" + path)).stream().map(Cookie::name))
                .containsExactly(names.split(" "));
    }

    @ParameterizedTest
    @CsvSource({"/, /", "/a, /", "/a/, /a", "/a/b, /a", "/a/b/, /a/b"})
    void withoutAPathItIsTheDirectory(String path, String expected) throws Exception {
        set("http://a.com" + path, "a=1", "b=1; Path=relative");
        assertThat(jar.all()).extracting(Cookie::path).containsExactly(expected, expected);
    }

    @Test
    void aPathIsNoLongerThanAnAttribute() throws Exception {
        set("http://a.com/" + "x".repeat(1023) + "/", "a=1");
        set("http://a.com/" + "x".repeat(1024) + "/", "b=1", "c=1; Path=/" + "y".repeat(1024));
        assertThat(jar.all()).extracting(Cookie::name).containsExactly("a");
    }

    @Test
    void olderCookiesAreSentFirstAndAnUpdateLeavesTheAge() throws Exception {
        set("http://a.com/", "a=1", "b=2");
        set("http://a.com/", "c=3", "a=4");
        assertThat(sent("http://a.com/")).isEqualTo("a=4; b=2; c=3");
    }

    @Test
    void theSameNameOnAnotherPathOrDomainIsAnotherCookie() throws Exception {
        run(() -> {
            set("http://www.a.com/", "a=1", "a=2; Path=/x", "a=3; Domain=a.com", "a=4; Domain=www.a.com");
            assertThat(sent("http://www.a.com/x")).isEqualTo("a=2; a=1; a=3; a=4");
        });
    }

    // ------------------------------------------------------------------------------------------------------ secure

    @Test
    void secureCookiesComeAndGoByHttpsAlone() throws Exception {
        set("http://a.com/", "a=1; Secure");
        assertThat(jar.size()).isZero();
        set("https://a.com/", "a=1; Secure", "b=2");
        assertThat(sent("http://a.com/")).isEqualTo("b=2");
        assertThat(sent("https://a.com/")).isEqualTo("a=1; b=2");
    }

    @Test
    void whatComesByHttpDoesNotHideASecureCookie() throws Exception {
        run(() -> {
            set("https://www.a.com/", "a=1; Secure; Path=/x", "b=1; Secure; Domain=a.com");
            set("http://www.a.com/", "a=2; Path=/x/y", "b=2", "a=3; Path=/");
            set("http://a.com/", "b=3");
            set("http://x.www.a.com/", "b=4");
            assertThat(jar.all()).extracting(Cookie::value).containsExactly("1", "1", "3");
        });
    }

    @Test
    void anOriginCanBeTakenForSecure() throws Exception {
        CookieJar local =
                CookieJar.builder().treatAsSecure(url("http://localhost:8080/")).build();
        set(local, "http://localhost:8080/", "a=1; Secure");
        assertThat(local.header(url("http://localhost:8080/"))).isEqualTo("a=1");
        assertThat(local.header(url("http://localhost/"))).isNull();
    }

    @Test
    void prefixesKeepWhatTheyPromise() throws Exception {
        run(() -> {
            set(
                    "https://www.a.com/",
                    "__Secure-a=1",
                    "__secure-b=1; Secure",
                    "__Host-c=1; Secure",
                    "__Host-d=1; Path=/",
                    "__Host-e=1; Secure; Path=/; Domain=www.a.com",
                    "__Host-e=2; Secure; Path=/; Domain=a.com.",
                    "__HOST-f=1; Secure; Path=/",
                    "__Host-g=1; Secure; Path=/x",
                    "=__Host-h=1; Secure; Path=/");
            assertThat(jar.all()).extracting(Cookie::name).containsExactly("__secure-b", "__HOST-f");
        });
    }

    @Test
    void sameSiteNoneMustBeSecure() throws Exception {
        set("https://a.com/", "a=1; SameSite=None", "b=1; SameSite=None; Secure", "c=1; SameSite=Strict");
        assertThat(sent("https://a.com/")).isEqualTo("b=1; c=1");
    }

    // -------------------------------------------------------------------------------------------------------- time

    @Test
    void maxAgeGoesBeforeExpires() throws Exception {
        set("http://a.com/", "a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
        set("http://a.com/", "b=1; Expires=Thu, 01 Jan 2026 00:02:00 GMT", "c=1");
        assertThat(sent("http://a.com/")).isEqualTo("a=1; b=1; c=1");
        now = now.plusSeconds(59);
        assertThat(sent("http://a.com/")).isEqualTo("a=1; b=1; c=1");
        now = now.plusSeconds(1);
        assertThat(sent("http://a.com/")).isEqualTo("b=1; c=1");
        now = now.plusSeconds(60);
        assertThat(sent("http://a.com/")).isEqualTo("c=1");
        assertThat(jar.size()).isEqualTo(1);
    }

    @Test
    void aServerTakesACookieAwayByLettingItExpire() throws Exception {
        set("http://a.com/", "a=1", "b=1; Path=/x", "c=1");
        set("http://a.com/", "a=; Max-Age=0", "b=; Max-Age=0", "c=; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
        assertThat(jar.all()).extracting(Cookie::name).containsExactly("b");
    }

    @Test
    void nothingLivesLongerThan400Days() throws Exception {
        set("http://a.com/", "a=1; Max-Age=99999999999999999999", "b=1; Expires=Fri, 01 Jan 9999 00:00:00 GMT");
        assertThat(jar.all()).extracting(Cookie::expires).containsOnly(now.plus(Duration.ofDays(400)));
    }

    // ------------------------------------------------------------------------------------------------------ limits

    @Test
    void aDomainLosesFirstWhatWasNotUsedForLongest() throws Exception {
        CookieJar small = CookieJar.builder().clock(() -> now).maxPerDomain(3).build();
        set(small, "https://a.com/", "a=1; Secure", "b=1; Path=/b", "c=1; Path=/c");
        small.cookies(url("https://a.com/b"));
        set(small, "https://a.com/", "d=1; Path=/d");
        assertThat(small.all()).extracting(Cookie::name).containsExactly("a", "b", "d");
        set(small, "https://a.com/", "e=1; Max-Age=5", "f=1");
        assertThat(small.all()).extracting(Cookie::name).containsExactly("a", "e", "f");
        now = now.plusSeconds(5);
        set(small, "https://a.com/", "g=1");
        assertThat(small.all()).extracting(Cookie::name).containsExactly("a", "f", "g");
    }

    @Test
    void theJarLosesFirstWhatWasNotUsedForLongest() throws Exception {
        CookieJar small = CookieJar.builder().clock(() -> now).maxTotal(20).build();
        for (int i = 0; i < 20; i++) {
            set(small, "http://h" + i + ".com/", "a=1");
        }
        assertThat(small.size()).isEqualTo(20);
        small.cookies(url("http://h0.com/"));
        set(small, "http://h20.com/", "a=1");
        assertThat(small.all())
                .extracting(Cookie::domain)
                .containsExactlyElementsOf(hosts(0, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20));
    }

    private static List<String> hosts(int... numbers) {
        var hosts = new ArrayList<String>();
        for (int number : numbers) {
            hosts.add("h" + number + ".com");
        }
        return hosts;
    }

    // ----------------------------------------------------------------------------------------------------- clearing

    @Test
    void canBeCleared() throws Exception {
        run(() -> {
            set("http://www.a.com/", "a=1", "b=2; Domain=a.com");
            set("http://ba.com/", "c=3");
            jar.clear(cookie -> cookie.name().equals("a"));
            assertThat(jar.all()).extracting(Cookie::name).containsExactly("b", "c");
            jar.clearDomain("a.com");
            assertThat(jar.all()).extracting(Cookie::name).containsExactly("c");
            assertThat(jar).hasToString("CookieJar[1 cookie]");
            jar.clear();
            assertThat(jar.size()).isZero();
            assertThat(sent("http://ba.com/")).isEqualTo("-");
        });
    }

    @Test
    void theJarThatTakesNothingHasNothing() throws Exception {
        CookieJar none = CookieJar.none();
        set(none, "http://a.com/", "a=1");
        assertThat(none.add(url("http://a.com/"), Cookie.of("a", "1"))).isFalse();
        assertThat(none.header(url("http://a.com/"))).isNull();
    }

    // ------------------------------------------------------------------------------------------------------- files

    @Test
    void isSavedAndLoaded(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("cookies.txt");
        run(() -> {
            set(
                    "https://www.a.com/x/",
                    "a=ä\u0080; Domain=a.com; Secure; HttpOnly; Max-Age=60",
                    "b=2",
                    "c",
                    "d=1;Max-Age=1");
            now = now.plusSeconds(1);
            jar.save(file);
            CookieJar other = CookieJar.builder().clock(() -> now).build();
            other.load(file);
            assertThat(other.all()).isEqualTo(jar.all());
            assertThat(other.header(url("https://x.a.com/x/"))).isEqualTo("a=ä\u0080");
            assertThat(other.header(url("https://www.a.com/x/"))).isEqualTo("a=ä\u0080; b=2; c");
            other.save(file);
            jar.clear();
            jar.load(file);
            assertThat(other.all()).isEqualTo(jar.all());
        });
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void readsWhatCurlWrites(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("jar"), """
                # Netscape HTTP Cookie File
                # https://curl.se/docs/http-cookies.html

                .a.com\tTRUE\t/\tFALSE\t0\tname\tvalue
                #HttpOnly_b.com\tFALSE\t/x\tTRUE\t1793000000\tc\td
                """);
        run(() -> jar.load(file));
        assertThat(sent("http://x.a.com/")).isEqualTo("name=value");
        assertThat(sent("https://b.com/x/y")).isEqualTo("c=d");
        assertThat(jar.all().get(1).httpOnly()).isTrue();
        now = now.plusSeconds(1_000_000_000);
        set("https://b.com/x/", "c=new");
        run(() -> jar.load(file)); // where it has expired since
        assertThat(sent("https://b.com/x/y")).isEqualTo("c=new");
    }

    @Test
    void whatIsNoFileOfCookiesLeavesTheJarAsItWas(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("jar"), "a.com\tFALSE\t/\tFALSE\t0\ta\tb\n<html>\n");
        assertThatThrownBy(() -> run(() -> jar.load(file)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("line 2");
        assertThat(jar.size()).isZero();
    }

    @Test
    void aSaveThatFailsLeavesTheFileAsItWas(@TempDir Path directory) throws Exception {
        Path file = Files.createDirectory(directory.resolve("taken"));
        Files.createFile(file.resolve("x"));
        assertThatThrownBy(() -> run(() -> jar.save(file))).isInstanceOf(IOException.class);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
    }
}
