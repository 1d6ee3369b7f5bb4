/** Tests that find the schedule that breaks a program, and replay it. */
module dev.rondo.testkit {
    requires transitive dev.rondo.core;
    requires static transitive org.jspecify;
    requires static org.junit.jupiter.api; // not transitive: whoever compiles against us would need it
    requires static net.jqwik.api; // nor this

    exports dev.rondo.testkit;
    exports dev.rondo.testkit.net;

    opens dev.rondo.testkit to
            org.junit.platform.commons; // which makes the extension of @LoopTest

    uses dev.rondo.testkit.SimParameter;
    uses dev.rondo.testkit.LeakCheck;
}
