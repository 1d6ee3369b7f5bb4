package dev.rondo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/** The arrows inside core, which no build module holds. */
class LayersTest {

    /** An arrow from one class to another, as jdeps sees it. */
    private record Arrow(String from, String to) {

        boolean goes(String fromPackage, String toPackage) {
            return packageOf(from).equals(fromPackage) && packageOf(to).equals(toPackage);
        }

        private static String packageOf(String type) {
            return type.substring(0, type.lastIndexOf('.'));
        }
    }

    private static final Pattern LINE = Pattern.compile("\\s+(dev\\.rondo\\.\\S+)\\s+->\\s+(\\S+)\\s.*");
    private static final List<Arrow> ARROWS = jdeps();

    private static List<Arrow> jdeps() {
        StringWriter out = new StringWriter();
        ToolProvider jdeps = ToolProvider.findFirst("jdeps").orElseThrow();
        int exitCode = jdeps.run(
                new PrintWriter(out),
                new PrintWriter(out),
                "-verbose:class",
                "-filter:none",
                "--multi-release=base",
                "--module-path=" + ChildJvm.whereIs(Logger.class),
                ChildJvm.whereIs(EventLoop.class).toString());
        assertThat(exitCode).as(out.toString()).isZero();
        return out.toString()
                .lines()
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .map(line -> new Arrow(line.group(1), line.group(2)))
                .toList();
    }

    private static Set<Arrow> arrows(String fromPackage, String... toPackages) {
        return ARROWS.stream()
                .filter(arrow -> Arrays.stream(toPackages).anyMatch(to -> arrow.goes(fromPackage, to)))
                .collect(Collectors.toSet());
    }

    @Test
    void theReactorKnowsNeitherFibersNorTasks() {
        assertThat(arrows("dev.rondo.reactor", "dev.rondo.fiber", "dev.rondo")).isEmpty();
    }

    @Test
    void theFiberKnowsNeitherTheReactorNorTasks() {
        assertThat(arrows("dev.rondo.fiber", "dev.rondo.reactor", "dev.rondo", "dev.rondo.time", "dev.rondo.chance"))
                .isEmpty();
    }

    @Test
    void timeAndChanceKnowNothingOfOurs() {
        assertThat(arrows("dev.rondo.time", "dev.rondo", "dev.rondo.reactor", "dev.rondo.fiber", "dev.rondo.chance"))
                .isEmpty();
        assertThat(arrows("dev.rondo.chance", "dev.rondo", "dev.rondo.reactor", "dev.rondo.fiber", "dev.rondo.time"))
                .isEmpty();
    }

    @Test
    void everyPackageIsLookedAt() {
        Set<String> packages = ARROWS.stream()
                .map(arrow -> Arrow.packageOf(arrow.from()))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(packages)
                .containsExactly(
                        "dev.rondo", "dev.rondo.chance", "dev.rondo.fiber", "dev.rondo.reactor", "dev.rondo.time");
    }

    @Test
    void anArrowThatIsThereIsFound() {
        assertThat(arrows("dev.rondo", "dev.rondo.reactor")).isNotEmpty();
        assertThat(arrows("dev.rondo", "dev.rondo.fiber")).isNotEmpty();
        assertThat(arrows("dev.rondo.reactor", "dev.rondo.time")).isNotEmpty();
    }

    @Test
    void oneClassAloneKnowsHowTheJdkMakesVirtualThreads() {
        assertThat(ARROWS.stream().filter(arrow -> arrow.to().equals("sun.reflect.ReflectionFactory")))
                .extracting(Arrow::from)
                .containsOnly("dev.rondo.fiber.VirtualThreads");
    }

    /** A lock of the JDK that two coroutines contend for costs many times what a wait of ours does. */
    @Test
    void whatCoroutinesWaitOnIsMadeWithoutLocksOfTheJdk() {
        assertThat(ARROWS)
                .filteredOn(arrow -> arrow.to().startsWith("java.util.concurrent.locks."))
                .extracting(Arrow::from)
                .doesNotContainAnyElementsOf(List.of(
                        "dev.rondo.Awaitable",
                        "dev.rondo.Promise",
                        "dev.rondo.Task",
                        "dev.rondo.Strand",
                        "dev.rondo.Wait",
                        "dev.rondo.Sleep",
                        "dev.rondo.OpWait",
                        "dev.rondo.Gather",
                        "dev.rondo.AsCompleted",
                        "dev.rondo.CallbackRunner",
                        "dev.rondo.CallbackHandle",
                        "dev.rondo.EventLoop",
                        "dev.rondo.fiber.Fiber",
                        "dev.rondo.reactor.ReadyQueue",
                        "dev.rondo.reactor.TimerHeap",
                        "dev.rondo.reactor.Inbox"))
                .contains("dev.rondo.ThreadsafeHandle");
    }
}
