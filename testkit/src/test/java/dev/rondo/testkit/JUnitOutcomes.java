package dev.rondo.testkit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** A program that runs a class of tests on the JUnit of its class path, and prints what comes of it. */
final class JUnitOutcomes {

    private JUnitOutcomes() {}

    public static void main(String[] args) throws ClassNotFoundException {
        System.out.println("JUnit " + version());
        of(Class.forName(args[0])).forEach(System.out::println);
        System.exit(0);
    }

    static String version() {
        return Test.class.getPackage().getImplementationVersion();
    }

    static List<String> of(Class<?> type) {
        List<String> outcomes = new ArrayList<>();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectClass(type))
                                .filters(EngineFilter.includeEngines("junit-jupiter"))
                                .build(),
                        new TestExecutionListener() {
                            @Override
                            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                                outcomes.add(test.getDisplayName() + ": " + result.getStatus());
                                result.getThrowable().ifPresent(failure -> describe(failure, outcomes));
                            }
                        });
        return outcomes;
    }

    /** What is the same whatever JUnit's own frames are. */
    private static void describe(Throwable failure, List<String> outcomes) {
        failure.toString().lines().forEach(outcomes::add);
        JUnitRun.report(failure)
                .lines()
                .filter(line -> line.contains("found by:")
                        || line.contains("tape:")
                        || line.contains("shrunk to:")
                        || line.contains("-Dtest"))
                .forEach(outcomes::add);
    }
}
