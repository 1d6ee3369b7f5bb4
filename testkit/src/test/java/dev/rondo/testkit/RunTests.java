package dev.rondo.testkit;

import static org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder.request;

import java.util.Arrays;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherFactory;

/** A program: runs test methods of Jupiter's, and says how each of their invocations went. */
final class RunTests {

    private RunTests() {}

    public static void main(String[] arguments) {
        TestExecutionListener listener = new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                System.out.println(
                        result.getStatus() + (test.isTest() ? " test " : " container ") + test.getDisplayName());
                result.getThrowable().ifPresent(failure -> System.out.println("because of " + failure));
            }
        };
        LauncherFactory.create()
                .execute(
                        request()
                                .selectors(Arrays.stream(arguments)
                                        .map(DiscoverySelectors::selectMethod)
                                        .toList())
                                .filters(EngineFilter.includeEngines("junit-jupiter"))
                                .build(),
                        listener);
        System.exit(0); // whatever threads there are
    }
}
