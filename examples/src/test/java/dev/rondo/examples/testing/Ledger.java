package dev.rondo.examples.testing;

import static dev.rondo.CancelScope.moveOnAfter;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.rondo.net.Net;
import dev.rondo.net.StreamReader;
import dev.rondo.net.StreamWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A bank that books payments, and the till of a shop that asks it to. */
class Ledger {

    final List<String> booked = new ArrayList<>();

    // @start region="serve"
    /** Books each line that comes, and says so. */
    void serve(StreamReader reader, StreamWriter writer) {
        try (writer) {
            for (String line; !(line = reader.readLine(UTF_8)).isEmpty(); ) {
                book(line.strip());
                writer.write("booked\n", UTF_8);
            }
        } catch (IOException e) {
            // the till will ask again
        }
    }

    void book(String payment) {
        if (!booked.contains(payment)) {
            booked.add(payment);
        }
    }
    // @end

    // @start region="pay"
    /** Asks the bank until it has answered: after five seconds, and after every failure, again. */
    static void pay(String payment) throws IOException {
        Retry.withBackOff(6, () -> {
            if (moveOnAfter(Duration.ofSeconds(5), () -> ask(payment)).cancelled()) {
                throw new IOException("no answer in time");
            }
            return null;
        });
    }

    private static void ask(String payment) throws IOException {
        try (var bank = Net.openConnection("bank", 80)) {
            bank.writer().write(payment + "\n", UTF_8);
            if (!bank.reader().readLine(UTF_8).equals("booked\n")) {
                throw new IOException("no answer");
            }
        }
    }
    // @end
}
