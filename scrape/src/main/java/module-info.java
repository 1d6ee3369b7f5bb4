/** The web scraper and crawler: an API, and the command line over it. */
module dev.rondo.scrape {
    requires transitive dev.rondo.http;
    requires transitive org.jsoup;
    requires crawler.commons;
    requires com.dynatrace.hash4j;
    requires info.picocli;
    requires java.sql;
    requires java.xml;
    requires jwarc; // by its file name
    requires org.slf4j;
    requires org.xerial.sqlitejdbc;
    requires ch.qos.logback.classic;
    requires ch.qos.logback.core;
    requires tools.jackson.core;
    requires tools.jackson.databind;
    requires tools.jackson.dataformat.yaml;

    exports dev.rondo.scrape;
    exports dev.rondo.scrape.crawl;
    exports dev.rondo.scrape.html;
    exports dev.rondo.scrape.output;
    exports dev.rondo.scrape.url;

    opens dev.rondo.scrape to
            info.picocli;
}
