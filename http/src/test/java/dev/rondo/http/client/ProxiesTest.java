package dev.rondo.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.http.Url;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses of proxies, and which of them the environment names. */
class ProxiesTest {

    private static Proxy of(String url, Map<String, String> variables) throws Exception {
        return Proxies.fromEnvironment(variables).forUrl(Url.parse(url));
    }

    // ------------------------------------------------------------------------------------------------ addresses

    @ParameterizedTest
    @CsvSource({
        "http://proxy:3128, http://proxy:3128",
        "proxy:3128, http://proxy:3128",
        "proxy, http://proxy:80",
        "HTTP://Proxy/, http://proxy:80",
        "https://proxy, https://proxy:443",
        "socks5://proxy, socks5://proxy:1080",
        "socks5h://proxy:80, socks5h://proxy:80",
        "socks5://[::1], socks5://[::1]:1080",
        "http://[::1]:8080, http://[::1]:8080",
    })
    void anAddressNamesKindHostAndPort(String address, String expected) {
        assertThat(Proxy.parse(address)).hasToString(expected);
    }

    @Test
    void userAndPasswordAreReadAndNeverPrinted() {
        Proxy proxy = Proxy.parse("socks5h://us%40er:p%3Aw@host:1080");
        assertThat(proxy.user()).isEqualTo("us@er");
        assertThat(proxy.password()).isEqualTo("p:w");
        assertThat(proxy).hasToString("socks5h://host:1080");
        assertThat(Proxy.parse("http://user@host").password()).isEmpty();
        assertThat(Proxy.parse("http://host").user()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ftp://host", "socks4://host", "http://", "http://host/path", "http://host:99999"})
    void whatIsNoneIsRefused(String address) {
        assertThatThrownBy(() -> Proxy.parse(address)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aRefusalDoesNotPrintThePassword() {
        assertThatThrownBy(() -> Proxy.parse("http://user:secret@host:x"))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain("secret");
    }

    @Test
    void socksTakesNoLongPasswords() {
        assertThatThrownBy(() -> Proxy.parse("socks5://host").withUser("user", "x".repeat(256)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Proxy.parse("http://host").withUser("us:er", "x"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    // ------------------------------------------------------------------------------------------------ the environment

    @Test
    void eachSchemeHasItsVariable() throws Exception {
        var both = Map.of("http_proxy", "http://a:1", "https_proxy", "http://b:2");
        assertThat(of("http://x/", both)).hasToString("http://a:1");
        assertThat(of("https://x/", both)).hasToString("http://b:2");
        assertThat(of("https://x/", Map.of("http_proxy", "http://a:1"))).isNull();
        assertThat(of("http://x/", Map.of())).isNull();
    }

    @Test
    void allProxyIsForTheSchemesWithoutOne() throws Exception {
        var some = Map.of("all_proxy", "socks5://a:1", "https_proxy", "http://b:2");
        assertThat(of("http://x/", some)).hasToString("socks5://a:1");
        assertThat(of("https://x/", some)).hasToString("http://b:2");
    }

    @Test
    void lowerCaseGoesBeforeUpperCase() throws Exception {
        assertThat(of("https://x/", Map.of("HTTPS_PROXY", "http://a:1"))).hasToString("http://a:1");
        assertThat(of("https://x/", Map.of("HTTPS_PROXY", "http://a:1", "https_proxy", "http://b:2")))
                .hasToString("http://b:2");
        assertThat(of("https://x/", Map.of("HTTPS_PROXY", "http://a:1", "https_proxy", "")))
                .isNull();
    }

    @Test
    void inACgiProgramUpperCaseHttpProxyIsTheClientsHeader() throws Exception {
        var cgi = Map.of("REQUEST_METHOD", "GET", "HTTP_PROXY", "http://evil:1", "HTTPS_PROXY", "http://a:1");
        assertThat(of("http://x/", cgi)).isNull();
        assertThat(of("https://x/", cgi)).hasToString("http://a:1");
        assertThat(of("http://x/", Map.of("REQUEST_METHOD", "GET", "http_proxy", "http://a:1")))
                .hasToString("http://a:1");
    }

    @Test
    void aVariableThatNamesNoProxyIsNamed() {
        assertThatThrownBy(() -> Proxies.fromEnvironment(Map.of("http_proxy", "ftp://x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("http_proxy");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "example.org | http://example.org/ | true",
                "example.org | http://EXAMPLE.org:8080/ | true",
                "example.org | http://www.example.org/ | true",
                "example.org | http://notexample.org/ | false",
                ".example.org | http://www.example.org/ | true",
                ".example.org | http://example.org/ | true",
                "*.example.org | http://www.example.org/ | true",
                "example.org:8080 | http://example.org:8080/ | true",
                "example.org:8080 | http://example.org/ | false",
                "a, example.org  b | http://example.org/ | true",
                "* | http://example.org/ | true",
                "10.0.0.0/8 | http://10.1.2.3/ | true",
                "10.0.0.0/8 | http://11.1.2.3/ | false",
                "10.0.0.0/33 | http://10.0.0.0/ | false",
                "10.0.0.0/x | http://10.0.0.0/ | false",
                "10.0.0.0/8 | http://ten.example.org/ | false",
                "127.0.0.1 | http://127.0.0.1:80/ | true",
                "127.0.0.1:81 | http://127.0.0.1:80/ | false",
                "0.0.1 | http://127.0.0.1/ | false",
                "::1 | http://[::1]/ | true",
                "[::1]:80 | http://[0:0::1]/ | true",
                "fe80::/10 | http://[fe81::1]/ | true",
                "fe80::/10 | http://[2001::1]/ | false",
                ",  , | http://example.org/ | false",
            })
    void noProxyNamesWhoIsAskedDirectly(String exempt, String url, boolean direct) throws Exception {
        assertThat(of(url, Map.of("all_proxy", "http://a:1", "no_proxy", exempt)) == null)
                .isEqualTo(direct);
        assertThat(of(url, Map.of("all_proxy", "http://a:1", "NO_PROXY", exempt)) == null)
                .isEqualTo(direct);
    }
}
