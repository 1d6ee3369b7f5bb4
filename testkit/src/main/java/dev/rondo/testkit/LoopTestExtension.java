package dev.rondo.testkit;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;

/** Makes an invocation of each schedule of a {@link LoopTest}. Uses nothing that JUnit 5.13 does not have. */
final class LoopTestExtension implements TestTemplateInvocationContextProvider {

    LoopTestExtension() {}

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getTestMethod(), LoopTest.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        LoopTest test = AnnotationSupport.findAnnotation(context.getTestMethod(), LoopTest.class)
                .orElseThrow();
        boolean real = AnnotationSupport.isAnnotated(context.getTestMethod(), RealIo.class)
                || isInside(context.getRequiredTestClass());
        LoopTestSettings asked = LoopTestSettings.of(
                test, name -> context.getConfigurationParameter(name).orElse(null));
        LoopTestSettings settings = real ? LoopTestSettings.one(Schedule.REAL, false) : asked;
        LoopTestTemplate template = new LoopTestTemplate(test, settings, real);
        context.getStore(Namespace.create(LoopTestExtension.class)).put(context.getUniqueId(), template); // closes it
        return settings.schedules().stream().map(schedule -> new LoopTestInvocation(template, schedule));
    }

    /** A nested class is as real as the one that it stands in. */
    private static boolean isInside(Class<?> type) {
        for (Class<?> around = type; around != null; around = around.getEnclosingClass()) {
            if (AnnotationSupport.isAnnotated(around, RealIo.class)) {
                return true;
            }
        }
        return false;
    }
}
