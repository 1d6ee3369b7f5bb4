package dev.rondo.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Together with {@link LoopTest}, on the method or on its class: the test runs once, in the plain order, in real time
 * and with the real operating system: for sockets, files, threads and processes. It still may leave nothing behind,
 * neither tasks nor timers nor anything open. There is no {@link Sim}.
 */
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
public @interface RealIo {}
