package dev.rondo.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.spec.Spec;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressesTest {

    /** 4 and 6 stand for a family; the second column is asyncio's {@code interleave}. */
    @Spec("N-4")
    @ParameterizedTest
    @CsvSource({
        "6a 6b 4a 4b, 0, 6a 6b 4a 4b",
        "6a 6b 4a 4b, 1, 6a 4a 6b 4b",
        "6a 6b 4a 4b, 2, 6a 6b 4a 4b",
        "6a 6b 6c 4a 4b, 2, 6a 6b 4a 6c 4b",
        "6a 6b 6c 4a, 1, 6a 4a 6b 6c",
        "6a 4a 4b 4c, 1, 6a 4a 4b 4c",
        "4a 4b 6a, 1, 4a 6a 4b",
        "6a 6b 4a, 9, 6a 6b 4a",
        "4a 4b, 1, 4a 4b",
        "4a, 1, 4a",
    })
    void theFamiliesTakeTurns(String addresses, int first, String expected) {
        var all = Arrays.stream(addresses.split(" "))
                .map(text -> InetAddress.ofLiteral(
                        (text.charAt(0) == '6' ? "2001:db8::" : "192.0.2.") + (text.charAt(1) - 'a' + 1)))
                .toList();
        assertThat(Addresses.interleave(all, first).stream()
                        .map(address -> (address.getAddress().length == 4 ? "4" : "6")
                                + (char) ('a' - 1 + address.getAddress()[address.getAddress().length - 1]))
                        .collect(Collectors.joining(" ")))
                .isEqualTo(expected);
    }
}
