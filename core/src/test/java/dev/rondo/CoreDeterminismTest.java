package dev.rondo;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * Core reads no clock, makes no chance and starts no thread but through its seams, and shows no order that is another
 * in each run: so that a run which the same choices make is the same.
 */
class CoreDeterminismTest {

    /**
     * What must not be called.
     *
     * @param members method names as a regular expression; {@code new} for constructors
     * @param atLeastParameters with fewer than this it is harmless
     */
    private record Ban(String owner, String members, int atLeastParameters) {

        Ban(String owner, String members) {
            this(owner, members, 0);
        }

        boolean covers(Finding finding) {
            return owner.equals(finding.owner)
                    && finding.member.matches(members)
                    && finding.parameters >= atLeastParameters;
        }
    }

    private static final List<Ban> BANS = List.of(
            // time
            new Ban("java.lang.System", "nanoTime"),
            new Ban("java.lang.System", "currentTimeMillis"),
            new Ban("java.time.Instant", "now"),
            new Ban("java.time.LocalDate", "now"),
            new Ban("java.time.LocalDateTime", "now"),
            new Ban("java.time.ZonedDateTime", "now"),
            new Ban("java.time.Clock", "system.*"),
            new Ban("java.util.Date", "new"),
            // chance
            new Ban("java.lang.Math", "random"),
            new Ban("java.util.Random", "new"),
            new Ban("java.util.concurrent.ThreadLocalRandom", ".*"),
            new Ban("java.security.SecureRandom", "new"),
            new Ban("java.util.UUID", "randomUUID"),
            new Ban("java.util.SplittableRandom", "new"),
            new Ban("java.util.Collections", "shuffle"),
            new Ban("java.lang.System", "identityHashCode"),
            // threads
            new Ban("java.lang.Thread", "sleep"),
            new Ban("java.lang.Thread", "new"),
            new Ban("java.lang.Thread", "ofPlatform"),
            new Ban("java.lang.Thread", "ofVirtual"),
            new Ban("java.lang.Thread", "startVirtualThread"),
            new Ban("java.util.concurrent.Executors", "new.*"),
            new Ban("java.util.concurrent.ThreadPoolExecutor", "new"),
            new Ban("java.util.concurrent.ForkJoinPool", ".*"),
            new Ban("java.util.Timer", "new"),
            new Ban("java.util.concurrent.CompletableFuture", ".*Async"),
            new Ban("java.util.concurrent.CompletableFuture", "orTimeout|completeOnTimeout|delayedExecutor"),
            // order
            new Ban("java.util.HashMap", "new"),
            new Ban("java.util.HashSet", "new"),
            new Ban("java.util.IdentityHashMap", "new"),
            new Ban("java.util.WeakHashMap", "new"),
            new Ban("java.util.concurrent.ConcurrentHashMap", "new"),
            new Ban("java.util.concurrent.ConcurrentHashMap", "newKeySet"),
            new Ban("java.util.Set", "of", 2),
            new Ban("java.util.Map", "of", 4),
            new Ban("java.util.Map", "ofEntries"),
            new Ban("java.util.Set", "copyOf"),
            new Ban("java.util.Map", "copyOf"),
            new Ban("java.util.stream.Collectors", "to(Unmodifiable)?Set"),
            new Ban("java.util.stream.Collectors", "to(Unmodifiable|Concurrent)?Map"),
            new Ban("java.util.stream.Collectors", "groupingBy(Concurrent)?"));

    /** Who may all the same, and why. One that matches nothing any more has to go. */
    private record Seam(String where, String what, String why) {

        boolean covers(Finding finding) {
            return finding.where.equals(where) && finding.what().equals(what);
        }
    }

    private static final List<Seam> SEAMS = List.of(
            // the seams themselves
            new Seam("time.Clock.system", "System.nanoTime", "is the machine's clock"),
            new Seam("time.Clock.instant", "Instant.now", "is the machine's clock; a virtual one has its own"),
            new Seam("chance.Choices.seeded", "SplittableRandom.new", "makes chance, from a seed"),
            new Seam(
                    "EventLoop.random",
                    "SplittableRandom.new",
                    "from a seed that the choices give, where there are any"),
            // threads that a simulated run does not have, or that have no part in it
            new Seam("Workers.daemonPool", "ThreadPoolExecutor.new", "simulatedWorkers() stands in for it"),
            new Seam("Workers.daemonPool", "Thread.ofPlatform", "simulatedWorkers() stands in for it"),
            new Seam("reactor.DriverThreads.run", "Thread.ofPlatform", "blocks in the driver's stead, which is a seam"),
            new Seam("Watchdog.wakeUp", "Thread.ofPlatform", "only watches, in real time"),
            new Seam("Watchdog.<init>", "HashMap.new", "the watchdog's alone"),
            new Seam("Stragglers.<init>", "Thread.ofPlatform", "for loops that are closed"),
            new Seam("Report.warningFromElsewhere", "Thread.ofPlatform", "writes to the log, and nothing waits for it"),
            new Seam("fiber.VirtualThreads.prepareJdk", "Thread.ofVirtual", "once, to initialise the JDK"),
            new Seam("fiber.VirtualThreads.onPlatformThread", "Thread.ofPlatform", "once, to initialise the JDK"),
            new Seam("LoopExecutor.invokeAny", "System.nanoTime", "the wait of another thread"),
            // only looked up: nobody iterates
            new Seam("CallGraph$Capture.<init>", "HashMap.new", "only looked up"),
            new Seam("CallGraph$Capture.<init>", "HashSet.new", "only looked up"),
            new Seam("CallGraph.format", "HashSet.new", "only looked up"),
            new Seam("Context.put", "HashMap.new", "only looked up, and copied"),
            new Seam("Deadlocks.<init>", "HashSet.new", "only looked up"),
            new Seam("Deadlocks.stuck", "HashMap.new", "only looked up"),
            new Seam("Deadlocks.rings", "HashSet.new", "only looked up"),
            new Seam("Failures.contain", "IdentityHashMap.new", "only looked up"),
            new Seam("Interrupts.shownBy", "IdentityHashMap.new", "only looked up"),
            new Seam("TaskGroupException.suppress", "IdentityHashMap.new", "only looked up"),
            new Seam("UnseenFailures.<init>", "HashMap.new", "only looked up"),
            new Seam("reactor.Adopted.<init>", "IdentityHashMap.new", "only looked up"),
            new Seam("Stacks.<init>", "ConcurrentHashMap.new", "only looked up"),
            // put in order before it is seen
            new Seam("CapacityLimiter.<init>", "HashSet.new", "Task.inOrder before it is seen"),
            new Seam("SeenTasks.<init>", "HashSet.new", "Task.inOrder before it is seen"),
            new Seam("LoopExecutor.<init>", "ConcurrentHashMap.newKeySet", "by number before they are cancelled"),
            new Seam("Workers.<init>", "ConcurrentHashMap.newKeySet", "sorted before it is printed"),
            // seen by who asks for it
            new Seam("CallGraph.identity", "System.identityHashCode", "asyncio prints an id; only where asked for"));

    /** What is {@code Runnable} and never stands in a loop's queue. */
    private static final List<String> NEVER_QUEUED = List.of("CallbackRunner", "Watchdog");

    /** A call, or a method reference, in a class. */
    private record Finding(String where, String owner, String member, int parameters) {

        static Finding of(JavaAccess<?> access) {
            JavaCodeUnitAccess<?> target = (JavaCodeUnitAccess<?>) access;
            String name = target.getTarget().getName();
            return new Finding(
                    placeOf(access),
                    access.getTargetOwner().getName(),
                    name.equals("<init>") ? "new" : name,
                    target.getTarget().getRawParameterTypes().size());
        }

        private static String placeOf(JavaAccess<?> access) {
            String type = access.getOriginOwner().getName().substring("dev.rondo.".length());
            return type + "." + access.getOrigin().getName().replace("<clinit>", "<init>");
        }

        String what() {
            return owner.substring(owner.lastIndexOf('.') + 1) + "." + member;
        }

        @Override
        public String toString() {
            return where + " calls " + what();
        }
    }

    private static List<Finding> findings(Iterable<JavaClass> classes) {
        List<Finding> findings = new ArrayList<>();
        for (JavaClass type : classes) {
            type.getAccessesFromSelf().stream()
                    .filter(JavaCodeUnitAccess.class::isInstance)
                    .map(Finding::of)
                    .filter(finding -> BANS.stream().anyMatch(ban -> ban.covers(finding)))
                    .forEach(findings::add);
        }
        return findings;
    }

    private static final List<Finding> CORE =
            findings(new ClassFileImporter().importPath(ChildJvm.whereIs(EventLoop.class)));

    @Test
    void nothingIsLeftToChanceButInTheSeams() {
        List<Finding> unexplained = CORE.stream()
                .filter(finding -> SEAMS.stream().noneMatch(seam -> seam.covers(finding)))
                .toList();
        assertThat(unexplained)
                .as("go through the seam, keep things in an order; or add a line to SEAMS that says why")
                .isEmpty();
    }

    @Test
    void eachSeamIsThere() {
        assertThat(SEAMS.stream()
                        .filter(seam -> CORE.stream().noneMatch(seam::covers))
                        .toList())
                .as("lines of SEAMS to delete")
                .isEmpty();
    }

    /** Negative control: each ban finds what it is for. */
    @Test
    void eachBanFindsWhatBreaksIt() {
        List<Finding> broken = findings(new ClassFileImporter().importClasses(Nondeterministic.class));
        assertThat(BANS.stream()
                        .filter(ban -> broken.stream().noneMatch(ban::covers))
                        .toList())
                .as("bans that find nothing")
                .isEmpty();
    }

    @Test
    void whatHasAnOrderPasses() {
        assertThat(findings(new ClassFileImporter().importClasses(Nondeterministic.AllRight.class)))
                .isEmpty();
    }

    /**
     * What is waited for, and what runs, stands in the log of a simulated run: by a name that is the same each time.
     */
    @Test
    void whatIsWaitedForHasANameOfItsOwn() {
        List<String> nameless = new ArrayList<>();
        for (JavaClass type : new ClassFileImporter().importPath(ChildJvm.whereIs(EventLoop.class))) {
            boolean shown = type.isAssignableTo(Wait.class) || type.isAssignableTo(Runnable.class);
            boolean named = type.getAllMethods().stream()
                    .anyMatch(method -> method.getName().equals("toString")
                            && method.getRawParameterTypes().isEmpty()
                            && !method.getOwner().isEquivalentTo(Object.class));
            boolean plain = !type.isInterface()
                    && !type.getModifiers().toString().toLowerCase(Locale.ROOT).contains("abstract");
            if (shown && plain && !named && !NEVER_QUEUED.contains(type.getSimpleName())) {
                nameless.add(type.getName());
            }
        }
        assertThat(nameless).isEmpty();
    }
}
