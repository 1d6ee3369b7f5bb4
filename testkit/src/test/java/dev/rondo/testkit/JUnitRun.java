package dev.rondo.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** What JUnit makes of a class of tests, or of one of its methods. */
final class JUnitRun {

    private static final Pattern SHRUNK = Pattern.compile("shrunk to: (\\S+)");

    private final EngineExecutionResults results;

    private JUnitRun(EngineExecutionResults results) {
        this.results = results;
    }

    static JUnitRun of(Class<?> type) {
        return with().run(type);
    }

    static JUnitRun of(Class<?> type, String method) {
        return with().run(type, method);
    }

    /** Names and values in turns. */
    static Settings with(String... settings) {
        Map<String, String> properties = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            properties.put(settings[i], settings[i + 1]);
        }
        return new Settings(properties);
    }

    record Settings(Map<String, String> properties) {

        JUnitRun run(Class<?> type) {
            return run(selectClass(type));
        }

        JUnitRun run(Class<?> type, String method) {
            Method found = Arrays.stream(type.getDeclaredMethods())
                    .filter(candidate -> candidate.getName().equals(method))
                    .findFirst()
                    .orElseThrow();
            return run(selectMethod(type, found));
        }

        private JUnitRun run(DiscoverySelector what) {
            return new JUnitRun(EngineTestKit.engine("junit-jupiter")
                    .configurationParameters(properties)
                    .selectors(what)
                    .execute());
        }
    }

    /** Returns the names of the tests that were begun. */
    List<String> names() {
        return names(results.testEvents().started());
    }

    List<String> failed() {
        return names(results.testEvents().failed());
    }

    List<String> aborted() {
        return names(results.testEvents().aborted());
    }

    /** Returns the names of what holds tests and has failed. */
    List<String> failedContainers() {
        return names(results.containerEvents().failed());
    }

    private static List<String> names(Events events) {
        return events.map(event -> event.getTestDescriptor().getDisplayName()).toList();
    }

    /** Returns what tests, and what holds them, have failed with. */
    List<Throwable> failures() {
        return results.allEvents()
                .failed()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .map(result -> result.getThrowable().orElseThrow())
                .toList();
    }

    Throwable onlyFailure() {
        List<Throwable> failures = failures();
        assertThat(failures).hasSize(1);
        return failures.get(0);
    }

    /** Returns what was published next to the outcomes. */
    List<String> published() {
        return results.allEvents()
                .reportingEntryPublished()
                .map(event -> event.getRequiredPayload(ReportEntry.class)
                        .getKeyValuePairs()
                        .get("rondo.schedule"))
                .toList();
    }

    /** Returns what is said of the schedule in which a test has failed. */
    static String report(Throwable failure) {
        return Arrays.stream(failure.getSuppressed())
                .filter(ScheduleReport.class::isInstance)
                .map(Throwable::toString)
                .findFirst()
                .orElse("(no report)");
    }

    static String shrunk(Throwable failure) {
        Matcher matcher = SHRUNK.matcher(report(failure));
        assertThat(matcher.find()).as(report(failure)).isTrue();
        return matcher.group(1);
    }
}
