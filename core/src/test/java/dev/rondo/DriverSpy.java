package dev.rondo;

import dev.rondo.reactor.IoDriver;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** A driver whose calls are told to somebody before they are made. */
final class DriverSpy {

    /** Is told of a call. */
    interface Listener {
        void called(String method, Object[] arguments);
    }

    private DriverSpy() {}

    static IoDriver on(IoDriver driver, Listener listener) {
        return (IoDriver) Proxy.newProxyInstance(
                IoDriver.class.getClassLoader(), new Class<?>[] {IoDriver.class}, (_, method, arguments) -> {
                    listener.called(method.getName(), arguments);
                    try {
                        return method.invoke(driver, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
