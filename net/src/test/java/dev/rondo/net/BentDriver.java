package dev.rondo.net;

import dev.rondo.reactor.Fd;
import dev.rondo.reactor.IoDriver;
import dev.rondo.reactor.Op;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.List;

/** A driver of a system that is not well, as far as servers notice. */
final class BentDriver {

    private final IoDriver inner;

    /** Whether the system has IPv6. */
    boolean ipv6 = true;

    /** How many times accepting will fail, for want of descriptors. */
    int acceptsThatFail;

    /** The listening sockets that were opened. */
    final List<Fd> listeners = new ArrayList<>();

    BentDriver(IoDriver inner) {
        this.inner = inner;
    }

    IoDriver asDriver() {
        return (IoDriver) Proxy.newProxyInstance(
                IoDriver.class.getClassLoader(), new Class<?>[] {IoDriver.class}, (_, method, arguments) -> {
                    switch (method.getName()) {
                        case "listenerSocket" -> {
                            return listenerSocket((ProtocolFamily) arguments[0]);
                        }
                        case "submit" -> {
                            if (arguments[0] instanceof Op.Accept accept && acceptsThatFail > 0) {
                                acceptsThatFail--;
                                accept.begin();
                                accept.finish(new IOException("Too many open files"));
                                return null;
                            }
                        }
                        default -> {}
                    }
                    try {
                        return method.invoke(inner, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private Fd listenerSocket(ProtocolFamily family) throws IOException {
        if (family == StandardProtocolFamily.INET6 && !ipv6) {
            throw new IOException("this system has no listeners of family INET6");
        }
        Fd listener = inner.listenerSocket(family);
        listeners.add(listener);
        return listener;
    }
}
