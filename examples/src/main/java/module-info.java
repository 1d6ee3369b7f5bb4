/** Small programs, each run by a test. */
module dev.rondo.examples {
    requires dev.rondo.http;
    requires dev.rondo.scrape;
    requires static org.jspecify;
}
