package dev.rondo.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.net.TlsOptions.ClientAuth;
import dev.rondo.spec.Spec;
import java.time.Duration;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

class TlsOptionsTest {

    @Spec("S-TLS-2")
    @Spec("S-TLS-3")
    @Test
    void theDefaultsAreThoseOfAsyncio() {
        assertThat(TlsOptions.DEFAULT.handshakeTimeout()).isEqualTo(Duration.ofSeconds(60));
        assertThat(TlsOptions.DEFAULT.shutdownTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(TlsOptions.DEFAULT.applicationProtocols()).isEmpty();
        assertThat(TlsOptions.DEFAULT.serverName()).isNull();
        assertThat(TlsOptions.DEFAULT.clientAuth()).isEqualTo(ClientAuth.NONE);
    }

    @Spec("S-TLS-2")
    @Test
    void aHandshakeMustHaveSomeTime() {
        for (Duration time : new Duration[] {Duration.ZERO, Duration.ofSeconds(-10)}) {
            assertThatThrownBy(() -> TlsOptions.DEFAULT.withHandshakeTimeout(time))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("handshakeTimeout must be positive, not " + time);
        }
    }

    @Spec("S-TLS-3")
    @Test
    void aShutdownMustHaveSomeTime() {
        for (Duration time : new Duration[] {Duration.ZERO, Duration.ofNanos(-1)}) {
            assertThatThrownBy(() -> TlsOptions.DEFAULT.withShutdownTimeout(time))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("shutdownTimeout must be positive, not " + time);
        }
    }

    @Test
    void aProtocolMustHaveANameThatFits() {
        TlsOptions.DEFAULT.withApplicationProtocols("x".repeat(255));
        assertThatThrownBy(() -> TlsOptions.DEFAULT.withApplicationProtocols("h2", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 to 255 characters, not 0");
        assertThatThrownBy(() -> TlsOptions.DEFAULT.withApplicationProtocols("x".repeat(256)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not 256");
    }

    @Test
    void eachCopyChangesOneThing() {
        TlsOptions options = TlsOptions.DEFAULT
                .withHandshakeTimeout(Duration.ofSeconds(1))
                .withShutdownTimeout(Duration.ofSeconds(2))
                .withApplicationProtocols("h2", "http/1.1")
                .withServerName("host.test")
                .withClientAuth(ClientAuth.WANT)
                .withParameters(parameters -> parameters.setUseCipherSuitesOrder(false));
        assertThat(options.handshakeTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(options.shutdownTimeout()).isEqualTo(Duration.ofSeconds(2));
        assertThat(options.applicationProtocols()).containsExactly("h2", "http/1.1");
        assertThat(options.serverName()).isEqualTo("host.test");
        assertThat(options.clientAuth()).isEqualTo(ClientAuth.WANT);
        SSLParameters parameters = new SSLParameters();
        options.parameters().accept(parameters);
        assertThat(parameters.getUseCipherSuitesOrder()).isFalse();
    }
}
