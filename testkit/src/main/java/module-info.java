/** Tests that find the schedule that breaks a program, and replay it. */
module dev.rondo.testkit {
    requires transitive dev.rondo.core;
    requires static transitive org.jspecify;
    requires static transitive org.junit.jupiter.api;
    requires static transitive net.jqwik.api;

    exports dev.rondo.testkit;

    uses dev.rondo.testkit.LeakCheck;
}
