package dev.rondo.testkit.net;

import dev.rondo.chance.Choices;
import dev.rondo.reactor.IoDriver;
import dev.rondo.reactor.Op;
import dev.rondo.time.Clock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The network of a simulated run: what Rondo's sockets are connected by, in memory, under virtual time. A
 * {@code @LoopTest} may have it as a parameter; {@code sim.network()} is the same.
 *
 * <pre>{@code
 * Host a = network.host("a");
 * Host b = network.host("b");
 * network.link(a, b).latency(ofMillis(1), ofMillis(40)).loss(0.01);
 * Server server = b.run(() -> Net.startServer(this::serve, "b", 80));
 * a.run(() -> ask("b", 80));
 * }</pre>
 *
 * <p>Code that is run as no host is on one of its own, {@code main}, so that a test that needs no hosts needs none.
 * Names of hosts are found by all. What chance decides is a choice of the run: how long a packet takes, in which pieces
 * bytes arrive, whether something is lost. Addresses and ports are the same in each run.
 *
 * <p>Loop thread only.
 */
public final class Network {

    private static final String LOCALHOST = "localhost";

    private final Clock clock;
    private final Choices choices;
    private final Map<String, Host> hosts = new LinkedHashMap<>();
    private final Map<String, List<InetAddress>> names = new LinkedHashMap<>();
    private final Map<InetAddress, Host> byAddress = new LinkedHashMap<>();
    private final Set<InetAddress> blackHoles = new LinkedHashSet<>(0);
    private final Host main;
    private @Nullable Consumer<String> log;
    private long patienceNanos = Duration.ofMinutes(15).toNanos();
    private long minLookup;
    private long maxLookup;
    private boolean calm;

    final Agenda agenda = new Agenda();
    final Set<MemorySocket> open = new LinkedHashSet<>();
    List<Op> done = new ArrayList<>(); // to be delivered

    /** Makes a network for a loop of one's own: give it the {@link #driver}, and the same clock and choices. */
    public Network(Clock clock, Choices choices) {
        this.clock = clock;
        this.choices = choices;
        main = host("main");
    }

    /** Returns the driver for the one loop whose sockets are in this network. For Rondo's own modules. */
    public IoDriver driver() {
        return new NetworkDriver(() -> this);
    }

    /** Returns the driver of a loop whose network is made when it is first used. For Rondo's own modules. */
    public static IoDriver driverOf(Supplier<Network> network) {
        return new NetworkDriver(network);
    }

    // ------------------------------------------------------------------------------------------------ hosts and names

    /** Returns a host; makes it, with an address of IPv4 and one of IPv6, if there is none of that name. */
    public Host host(String name) {
        Host host = hosts.get(name);
        int number = hosts.size() + 1;
        return host != null
                ? host
                : host(name, "10.0." + (number >> 8) + "." + (number & 0xFF), "fd00::" + Integer.toHexString(number));
    }

    /**
     * Makes a host with addresses in text form.
     *
     * @throws IllegalArgumentException if there is a host with that name or one of these addresses, or one is no
     *     address
     */
    public Host host(String name, String... addresses) {
        if (hosts.containsKey(name) || name.equals(LOCALHOST)) {
            throw new IllegalArgumentException("there is a host '" + name + "' already");
        }
        List<InetAddress> parsed = parsed(addresses);
        Host host = new Host(this, name, parsed);
        for (InetAddress address : parsed) {
            if (byAddress.containsKey(address)) {
                throw new IllegalArgumentException(
                        address.getHostAddress() + " is an address of " + byAddress.get(address) + " already");
            }
        }
        parsed.forEach(address -> byAddress.put(address, host));
        hosts.put(name, host);
        names.putIfAbsent(name, parsed);
        return host;
    }

    private static List<InetAddress> parsed(String... addresses) {
        return Arrays.stream(addresses).map(InetAddress::ofLiteral).toList();
    }

    /**
     * Says which addresses a name has, in the order in which they are best tried: of a host, of several, of none that
     * there is. A name without addresses is not found.
     */
    public Network name(String name, String... addresses) {
        names.put(name, parsed(addresses));
        return this;
    }

    /**
     * Sets how long it takes to look a name up: at first no time. Which time between the two is a choice, of which the
     * least is the plain one.
     *
     * @throws IllegalArgumentException if {@code min} is negative or longer than {@code max}
     */
    public Network lookups(Duration min, Duration max) {
        if (min.isNegative() || min.compareTo(max) > 0) {
            throw new IllegalArgumentException(
                    "lookups of " + min + " to " + max + ": give the lesser first, not negative");
        }
        minLookup = min.toNanos();
        maxLookup = max.toNanos();
        return this;
    }

    /** Returns the call that looks a name up, for a worker: it may have to wait. */
    Op.Call<InetAddress[]> lookup(String name) {
        long nanos = Path.between(minLookup, maxLookup, this, "lookup");
        if (nanos == 0) {
            return () -> addressesOf(name);
        }
        CompletableFuture<@Nullable Void> answered = new CompletableFuture<>();
        agenda.at(nanos() + nanos, () -> answered.complete(null));
        return () -> {
            answered.join();
            return addressesOf(name);
        };
    }

    private InetAddress[] addressesOf(String name) throws UnknownHostException {
        List<InetAddress> found =
                name.equals(LOCALHOST) ? parsed("127.0.0.1", "::1") : names.getOrDefault(name, List.of());
        if (found.isEmpty()) {
            throw new UnknownHostException(name + ": no host or name of the simulated network");
        }
        InetAddress[] named = new InetAddress[found.size()];
        for (int i = 0; i < named.length; i++) {
            named[i] = InetAddress.getByAddress(name, found.get(i).getAddress());
        }
        return named;
    }

    String nameOf(InetAddress address) {
        Host host = byAddress.get(address);
        return host != null ? host.name() : address.isLoopbackAddress() ? LOCALHOST : address.getHostAddress();
    }

    /** Returns the host that the running code is on. */
    Host here() {
        return Host.HERE.get().filter(here -> hosts.get(here.name()) == here).orElse(main);
    }

    /** Returns who has an address, seen from a host; null for nobody. */
    @Nullable Host hostAt(InetAddress address, Host from) {
        return address.isLoopbackAddress() ? from : byAddress.get(address);
    }

    // ------------------------------------------------------------------------------------------------ what lies
    // between

    /** Returns what lies between two hosts, both ways. A host has a link to itself, too. */
    public Link link(Host one, Host other) {
        return new Link(this, one == other ? List.of(one.pathTo(one)) : List.of(one.pathTo(other), other.pathTo(one)));
    }

    /** Returns the way from one host to another, without the way back. */
    public Link oneWay(Host from, Host to) {
        return new Link(this, List.of(from.pathTo(to)));
    }

    /**
     * Swallows all that is sent to or from an address from now on: nothing is answered, so that a connect is over after
     * two minutes, by "Connection timed out". A host need not have it.
     */
    public Network blackhole(String address) {
        blackHoles.add(InetAddress.ofLiteral(address));
        return this;
    }

    /** Undoes {@link #blackhole}. */
    public Network answer(String address) {
        blackHoles.remove(InetAddress.ofLiteral(address));
        releaseAll();
        return this;
    }

    /**
     * Sets how long a connection has bytes to move, and hears nothing of the other side, before it breaks: 15 minutes
     * at first.
     */
    public Network giveUpAfter(Duration silence) {
        patienceNanos = silence.toNanos();
        return this;
    }

    /**
     * Has a fault happen when so much virtual time has passed: {@code network.after(ofSeconds(3), link::partition)}. As
     * {@code callLater}, but it is nothing that a test could leave behind: where the run is over before, it does not
     * happen.
     *
     * @param fault what is to be done to this network, which neither waits nor fails
     */
    public Network after(Duration delay, Runnable fault) {
        agenda.at(nanos() + Math.max(0, delay.toNanos()), fault);
        return this;
    }

    void releaseAll() {
        hosts.values().forEach(Host::releasePaths);
    }

    boolean isBlackHole(InetAddress address) {
        return blackHoles.contains(address);
    }

    long patienceNanos() {
        return patienceNanos;
    }

    // ------------------------------------------------------------------------------------------------ time and chance

    long nanos() {
        return clock.nanos();
    }

    int choose(int n, String what) {
        return choices.choose(n, what);
    }

    /** Ends the losses, for good: what shall hold in the end need not hold against them. For the kit itself. */
    public void calm() {
        calm = true;
    }

    /** Returns whether something that happens with a probability happens now; not doing so is the plain thing. */
    boolean fault(double probability, String what) {
        if (probability == 0 || calm) {
            return false;
        }
        if (probability == 1) {
            return true;
        }
        int n = possibilities(probability);
        long happens = Math.clamp(Math.round(probability * n), 1, n - 1);
        return choices.choose(n, what) >= n - happens;
    }

    /** Returns how many possibilities are needed for a probability: few, since a search may go through all of them. */
    private static int possibilities(double probability) {
        for (int n : new int[] {2, 3, 4, 5, 10, 20, 50, 100}) {
            double part = probability * n;
            if (Math.abs(part - Math.rint(part)) < 1e-6 && Math.rint(part) >= 1) {
                return n;
            }
        }
        return probability < 0.001 ? (int) Math.min(1_000_000, Math.round(1 / probability)) : 1000;
    }

    // ------------------------------------------------------------------------------------------------ the log

    /** Has each event told to somebody. For the kit itself. */
    public void tell(Consumer<String> log) {
        this.log = log;
    }

    boolean logs() {
        return log != null;
    }

    void log(String what) {
        if (log != null) {
            log.accept(what);
        }
    }

    void log(Packet packet, String what) {
        if (log != null) {
            log.accept(text(packet.source) + "→" + text(packet.target) + " " + what);
        }
    }

    /** Returns an address as the log has it: the host by its name. */
    String text(@Nullable InetSocketAddress address) {
        if (address == null) {
            return "unbound";
        }
        InetAddress of = address.getAddress();
        return (of.isAnyLocalAddress() ? "*" : of.isLoopbackAddress() ? LOCALHOST : nameOf(of)) + ":"
                + address.getPort();
    }

    static String text(long nanos) {
        String millis = Double.toString(Math.rint(nanos / 1e3) / 1e3);
        return (millis.endsWith(".0") ? millis.substring(0, millis.length() - 2) : millis) + " ms";
    }

    /** Returns the sockets that are open, each with the operations that wait for it, in words. */
    public List<String> openSockets() {
        return open.stream().map(MemorySocket::describe).toList();
    }
}
