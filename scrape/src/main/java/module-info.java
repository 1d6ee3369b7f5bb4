/** The web scraper: an API, and the command line over it. */
module dev.rondo.scrape {
    requires transitive dev.rondo.http;
    requires info.picocli;
    requires org.slf4j;
    requires ch.qos.logback.classic;
    requires ch.qos.logback.core;
    requires tools.jackson.core;

    exports dev.rondo.scrape;

    opens dev.rondo.scrape to
            info.picocli;
}
