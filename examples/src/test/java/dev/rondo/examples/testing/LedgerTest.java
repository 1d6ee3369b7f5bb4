package dev.rondo.examples.testing;

import static dev.rondo.Asyncio.createTask;
import static dev.rondo.Asyncio.sleep;
import static dev.rondo.Asyncio.timeout;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rondo.AsyncTimeoutException;
import dev.rondo.net.Net;
import dev.rondo.net.Server;
import dev.rondo.testkit.Explorer;
import dev.rondo.testkit.LoopTest;
import dev.rondo.testkit.ScheduleFailure;
import dev.rondo.testkit.Sim;
import dev.rondo.testkit.net.Host;
import dev.rondo.testkit.net.Link;
import dev.rondo.testkit.net.Network;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A payment is booked once, whatever the network does to it. */
class LedgerTest {

    // @start region="reset"
    private static void aPaymentIsMade(Sim sim, Ledger ledger) throws IOException {
        Network network = sim.network();
        Host bank = network.host("bank");
        Host shop = network.host("shop");
        Link link = network.link(bank, shop).latency(ofMillis(1), ofMillis(40)).loss(0.05);
        network.after(ofMillis(10).multipliedBy(sim.choose(20, "when")), link::reset);
        try (Server server = bank.run(() -> Net.startServer(ledger::serve, "bank", 80))) {
            shop.run(() -> Ledger.pay("60 to the baker, no. 1"));
            assertThat(ledger.booked).containsExactly("60 to the baker, no. 1");
            sim.sometimes("it took two attempts", sim.elapsed().toSeconds() > 0);
            server.close();
            server.waitClosed();
        }
    }
    // @end

    // @start region="once"
    @LoopTest(seeds = 200)
    void aPaymentIsBookedOnce(Sim sim) throws IOException {
        aPaymentIsMade(sim, new Ledger());
    }
    // @end

    private static final class Forgetful extends Ledger {
        @Override
        void book(String payment) {
            booked.add(payment);
        }
    }

    @Test
    void aBankThatDoesNotLookBooksTwice() {
        assertThatThrownBy(() -> Explorer.random(1_000).check(sim -> aPaymentIsMade(sim, new Forgetful())))
                .isInstanceOf(ScheduleFailure.class)
                .hasMessageContaining("60 to the baker, no. 1")
                .hasMessageContaining("choices that are not the plain one")
                .hasMessageContaining("network: ");
    }

    // @start region="partition"
    @LoopTest
    void aPartitionIsNoticedByWhoWaitsAndWhatWasSentArrivesLater(Sim sim, Network network) throws IOException {
        Host bank = network.host("bank");
        Host shop = network.host("shop");
        Ledger ledger = new Ledger();
        Server server = bank.run(() -> Net.startServer(ledger::serve, "bank", 80));
        try (server;
                var connection = shop.run(() -> Net.openConnection("bank", 80))) {
            network.link(bank, shop).partition();
            connection.writer().write("60 to the baker\n", UTF_8);
            assertThatThrownBy(() ->
                            timeout(ofSeconds(5), () -> connection.reader().readLine(UTF_8)))
                    .isInstanceOf(AsyncTimeoutException.class);
            assertThat(ledger.booked).isEmpty();
            network.link(bank, shop).heal();
            assertThat(connection.reader().readLine(UTF_8)).isEqualTo("booked\n");
            assertThat(sim.elapsed()).isLessThan(ofSeconds(6));
        }
        server.waitClosed();
    }
    // @end

    // @start region="shutdown"
    @LoopTest
    void aServerThatShutsDownAnswersWhoHasAsked(Network network) throws IOException {
        Host bank = network.host("bank");
        network.link(bank, network.host("shop")).latency(ofMillis(1), ofMillis(40));
        Ledger ledger = new Ledger();
        Server server = bank.run(() -> Net.startServer(ledger::serve, "bank", 80));
        var payment = network.host("shop").run(() -> createTask(() -> Ledger.pay("one")));
        while (server.clientCount() == 0) {
            sleep(ofMillis(1));
        }
        server.close(); // nobody else is let in
        server.waitClosed(); // who is in there is served
        payment.await();
        assertThat(ledger.booked).containsExactly("one");
    }
    // @end
}
