/** Sockets, TLS, name lookup, streams and files, on the loop of {@code dev.rondo.core}. */
module dev.rondo.net {
    requires transitive dev.rondo.core;
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.rondo.net;
}
