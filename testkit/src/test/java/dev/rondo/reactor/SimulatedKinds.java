package dev.rondo.reactor;

import dev.rondo.chance.Choices;
import dev.rondo.testkit.net.Network;
import dev.rondo.time.VirtualClock;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Consumer;

/** The simulated network, for the tests that all drivers are put to. */
public final class SimulatedKinds implements DriverTestCase.Kinds {

    private enum Kind implements DriverTestCase.Kind {
        /** Without a delay, and all in one piece. */
        PLAIN,
        SEED_1,
        SEED_2,
        SEED_3;

        @Override
        public IoDriver newDriver(Consumer<Runnable> post) {
            VirtualClock clock = new VirtualClock();
            Choices choices = this == PLAIN ? Choices.plain() : Choices.seeded(ordinal());
            return jumping(new Network(clock, choices).driver(), clock);
        }

        @Override
        public boolean hasAll() {
            return false;
        }
    }

    @Override
    public List<? extends DriverTestCase.Kind> all() {
        return List.of(Kind.values());
    }

    /** Does what the loop does: before a poll with nothing to deliver, the clock jumps to what comes next. */
    private static IoDriver jumping(IoDriver driver, VirtualClock clock) {
        return (IoDriver) Proxy.newProxyInstance(
                IoDriver.class.getClassLoader(), new Class<?>[] {IoDriver.class}, (_, method, arguments) -> {
                    if (method.getName().equals("poll") && driver.nextEvent() != Long.MAX_VALUE) {
                        clock.jumpTo(driver.nextEvent());
                    }
                    try {
                        return method.invoke(driver, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
