/** The event loop, coroutines and tasks. */
module dev.rondo.core {
    requires jdk.unsupported; // sun.reflect.ReflectionFactory and sun.misc.Signal
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.rondo;
    exports dev.rondo.chance;
    exports dev.rondo.time;
    exports dev.rondo.reactor to
            dev.rondo.net,
            dev.rondo.testkit;
    exports dev.rondo.fiber to
            dev.rondo.testkit;
}
