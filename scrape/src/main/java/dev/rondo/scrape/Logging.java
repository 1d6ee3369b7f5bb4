package dev.rondo.scrape;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The log of the command line: standard error, warnings only unless somebody asks for more. Set up here and not by a
 * logback.xml: that would be found by programs which use the scraper as a library, and reading it takes longer than a
 * page to arrive. {@code -Dlogback.configurationFile=FILE} is logback's own way to something else, and then nothing is
 * done here.
 */
final class Logging {

    private static final boolean OURS = System.getProperty("logback.configurationFile") == null;

    private static @Nullable Thread setup; // main thread, then loop thread, which the main thread starts

    private Logging() {}

    /** Begins to set the log up, beside whatever else the program begins with. */
    static void start() {
        setup = Thread.ofPlatform().daemon().name("rondo-log-setup").start(Logging::setUp);
    }

    /** Warnings of everybody but the HTTP parser. */
    private static void setUp() {
        if (!OURS || !(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
            return;
        }
        context.reset();
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{HH:mm:ss.SSS} %-5level %logger{0}: %msg%n");
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.WARN);
        root.addAppender(appender);
        context.getLogger("org.eclipse.jetty").setLevel(Level.ERROR); // warns of what is a page's failure already
    }

    /** Waits for the log, and has Rondo tell more: 1 for what is done, 2 and more for how. */
    static void verbosity(int level) throws InterruptedException {
        if (setup != null) {
            setup.join(); // what asks for a logger before that gets one that does not know its level yet
        }
        if (level > 0 && OURS && LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.getLogger("dev.rondo").setLevel(level == 1 ? Level.INFO : Level.DEBUG);
        }
    }
}
