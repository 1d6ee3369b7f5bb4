package dev.rondo.testkit;

import java.lang.annotation.Annotation;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * Another instance of a test class with those it is nested in, and their {@code @BeforeEach} and {@code @AfterEach}: as
 * JUnit makes one for each test, as far as it lets extensions do so. What other extensions have put into annotated
 * fields is taken over, such as a {@code @TempDir}.
 */
final class FreshInstance {

    private final ExtensionContext context;
    private final List<Object> originals; // outermost first
    private List<Object> instances = List.of();

    FreshInstance(ExtensionContext context) {
        this.context = context;
        originals = context.getRequiredTestInstances().getAllInstances();
    }

    /** Makes the instances anew, and returns the innermost. */
    Object make() {
        List<Object> made = new ArrayList<>();
        Object outer = null;
        for (Object original : originals) {
            outer = isShared(original) ? original : copyOf(original, outer);
            made.add(outer);
        }
        instances = made;
        return made.get(made.size() - 1);
    }

    /** A class whose tests all have one instance may have been prepared by its {@code @BeforeAll}. */
    private boolean isShared(Object instance) {
        for (ExtensionContext around = context;
                around != null;
                around = around.getParent().orElse(null)) {
            if (around.getTestClass().orElse(null) == instance.getClass()
                    && around.getTestInstanceLifecycle().orElse(null) == Lifecycle.PER_CLASS) {
                return true;
            }
        }
        return false;
    }

    private Object copyOf(Object original, @Nullable Object outer) {
        try {
            Class<?> type = original.getClass();
            Constructor<?> constructor = type.getDeclaredConstructors()[0]; // JUnit allows no more than one
            boolean inner = type.isMemberClass() && !Modifier.isStatic(type.getModifiers());
            Object copy = inner && outer != null
                    ? context.getExecutableInvoker().invoke(constructor, outer)
                    : context.getExecutableInvoker().invoke(constructor);
            takeOver(original, copy);
            return copy;
        } catch (Exception | AssertionError e) {
            throw new Reruns.CannotRerun("no other instance of the test class could be made", e);
        }
    }

    private static void takeOver(Object from, Object to) throws IllegalAccessException {
        List<Field> fields = ReflectionSupport.findFields(
                from.getClass(), FreshInstance::mayBeInjected, HierarchyTraversalMode.TOP_DOWN);
        for (Field field : fields) {
            if (field.trySetAccessible() && field.get(to) == null) {
                field.set(to, field.get(from));
            }
        }
    }

    private static boolean mayBeInjected(Field field) {
        return field.getAnnotations().length > 0
                && !field.getType().isPrimitive()
                && (field.getModifiers() & (Modifier.STATIC | Modifier.FINAL)) == 0;
    }

    void beforeEach() {
        for (Object instance : instances) {
            invoke(instance, BeforeEach.class, HierarchyTraversalMode.TOP_DOWN);
        }
    }

    void afterEach() {
        for (Object instance : instances.reversed()) {
            invoke(instance, AfterEach.class, HierarchyTraversalMode.BOTTOM_UP);
        }
    }

    private void invoke(Object instance, Class<? extends Annotation> annotation, HierarchyTraversalMode order) {
        for (Method method : AnnotationSupport.findAnnotatedMethods(instance.getClass(), annotation, order)) {
            try {
                context.getExecutableInvoker().invoke(method, instance);
            } catch (Exception | AssertionError e) {
                throw new Reruns.CannotRerun(
                        "@" + annotation.getSimpleName() + " " + method.getName() + " fails the second time", e);
            }
        }
    }
}
