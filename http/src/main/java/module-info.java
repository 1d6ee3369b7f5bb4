/** HTTP client and server, on the streams of {@code dev.rondo.net}. */
module dev.rondo.http {
    requires transitive dev.rondo.net;
    requires org.eclipse.jetty.http;
    requires org.eclipse.jetty.http2.common;
    requires org.eclipse.jetty.http2.hpack;
    requires org.eclipse.jetty.io;
    requires org.eclipse.jetty.util;
    requires transitive tools.jackson.databind;
    requires crawler.commons;
    requires org.slf4j;
    requires static org.jspecify;

    exports dev.rondo.http;
    exports dev.rondo.http.client;
    exports dev.rondo.http.server;
    exports dev.rondo.http.testing;
    exports dev.rondo.http.websocket;
    exports dev.rondo.http.encoding to
            dev.rondo.codings,
            dev.rondo.scrape;

    uses dev.rondo.http.encoding.ContentCoding;
    uses dev.rondo.http.encoding.CharsetDetector;
}
