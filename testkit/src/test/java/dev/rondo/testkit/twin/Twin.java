package dev.rondo.testkit.twin;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * Core, the test kit and the scenarios, loaded once more with a fault planted in one class: what looks for faults can
 * be tried on it. Without a fault it is the control, on which nothing may be found.
 *
 * <pre>{@code
 * Fault fault = Fault.in("dev.rondo.WaitList", "await").dropsCall("run");
 * Found found = new Twin(fault).search("random", QueueScenario::cancelledGetter, 1, 100);
 * }</pre>
 *
 * <p>Everything in {@code dev.rondo} is loaded anew, but for this package, which both sides share; the JDK and the
 * libraries are those of the tests.
 */
final class Twin extends ClassLoader {

    static {
        registerAsParallelCapable();
    }

    private static final String OURS = "dev.rondo.";
    private static final String SHARED = Twin.class.getPackageName() + ".";

    private final @Nullable Fault fault;

    /** Makes a twin with this fault, or none. */
    Twin(@Nullable Fault fault) {
        super("twin", Twin.class.getClassLoader());
        this.fault = fault;
        if (fault != null) {
            try {
                loadClass(fault.type()); // now, so that a fault that cannot be planted fails the test
            } catch (ClassNotFoundException e) {
                throw new AssertionError("the fault was not planted: there is no class " + fault.type(), e);
            }
        }
    }

    /**
     * Searches schedules of the scenario until one fails.
     *
     * @param how how: see {@code InTwin}
     * @param firstSeed of the first schedule
     * @param schedules how many there are at most
     */
    Found search(String how, Scenario scenario, long firstSeed, long schedules) {
        SerializedLambda reference = reference(scenario);
        return (Found) requireNonNull(call(
                "dev.rondo.testkit.InTwin",
                "search",
                new Class<?>[] {String.class, String.class, String.class, long.class, long.class},
                how,
                reference.getImplClass().replace('/', '.'),
                reference.getImplMethodName(),
                firstSeed,
                schedules));
    }

    /**
     * Lets the explorer search random schedules as a user's test does: what fails is shrunk, and is what is returned;
     * and some are run twice to see whether the same happens.
     */
    Found explore(Scenario scenario, long firstSeed, long schedules) {
        return search("explorer", scenario, firstSeed, schedules);
    }

    /** Calls a static method of the twin. */
    @Nullable Object call(String type, String method, Class<?>[] parameters, Object... arguments) {
        Thread here = Thread.currentThread();
        ClassLoader outside = here.getContextClassLoader();
        here.setContextClassLoader(this); // by which services are found
        try {
            Method target = loadClass(type).getDeclaredMethod(method, parameters);
            target.setAccessible(true);
            return target.invoke(null, arguments);
        } catch (InvocationTargetException e) {
            throw new AssertionError("in a twin: " + e.getCause(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("a scenario is a static method: " + type + "." + method, e);
        } finally {
            here.setContextClassLoader(outside);
        }
    }

    /** Returns what stands behind {@code Type::method}, which Java tells of what is serializable. */
    private static SerializedLambda reference(Scenario scenario) {
        try {
            Method writeReplace = scenario.getClass().getDeclaredMethod("writeReplace");
            writeReplace.setAccessible(true);
            return (SerializedLambda) writeReplace.invoke(scenario);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("a scenario is given as Type::method", e);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(OURS) || name.startsWith(SHARED)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        byte[] bytes;
        try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (file == null) {
                throw new ClassNotFoundException(name);
            }
            bytes = file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (fault != null && fault.type().equals(name)) {
            bytes = fault.plant(bytes);
        }
        return defineClass(
                name,
                bytes,
                0,
                bytes.length,
                Class.forName(name, false, getParent()).getProtectionDomain());
    }
}
