package dev.rondo.scrape.sites;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.TreeSet;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;

/**
 * What a crawl of a static site must find, computed from the files alone: by a tree of each page and Java's own
 * addresses, neither of which the crawler uses.
 */
final class SiteOracle {

    private static final String HOST = "http://h";

    final Set<String> pages = new TreeSet<>();
    final Set<String> others = new TreeSet<>();
    final Set<String> redirects = new TreeSet<>();
    final Set<String> broken = new TreeSet<>();
    long edges;

    private final Path root;
    private final Set<String> seen = new TreeSet<>();
    private final Deque<String> waiting = new ArrayDeque<>();

    private SiteOracle(Path root) {
        this.root = root;
    }

    /** Follows the links of the files below {@code root}, from {@code start}. */
    static SiteOracle of(Path root, String start) throws IOException {
        var oracle = new SiteOracle(root);
        oracle.add(start);
        while (!oracle.waiting.isEmpty()) {
            oracle.visit(oracle.waiting.remove());
        }
        return oracle;
    }

    private void add(String target) {
        if (seen.add(target)) {
            waiting.add(target);
        }
    }

    /** What nginx sends for a path; null for nothing. */
    Path file(String target) {
        String path = URLDecoder.decode(target.split("\\?")[0].replace("+", "%2B"), StandardCharsets.UTF_8);
        Path file = root.resolve(path.substring(1)).normalize();
        if (path.endsWith("/")) {
            file = file.resolve("index.html");
        }
        return Files.isRegularFile(file) ? file : null;
    }

    private void visit(String target) throws IOException {
        Path file = file(target);
        String path = target.split("\\?")[0];
        if (file == null && !path.endsWith("/") && Files.isDirectory(root.resolve(path.substring(1)))) {
            redirects.add(target);
            add(target.replaceFirst("(\\?|$)", "/$1"));
        } else if (file == null) {
            broken.add(target);
        } else if (file.toString().endsWith(".html")) {
            pages.add(target);
            Document page = Jsoup.parse(Files.readString(file, StandardCharsets.UTF_8), HOST + target);
            for (Element link : page.select("a[href], area[href], frame[src], iframe[src]")) {
                follow(page.baseUri(), link.hasAttr("href") ? link.attr("href") : link.attr("src"));
            }
        } else {
            others.add(target);
        }
    }

    private void follow(String base, String reference) {
        URI target;
        try {
            target = URI.create(base).resolve(reference.strip().replace(" ", "%20"));
        } catch (IllegalArgumentException e) {
            return;
        }
        if (!"http".equals(target.getScheme()) || !"h".equals(target.getAuthority())) {
            return;
        }
        edges++;
        String ascii = target.toASCIIString();
        String whole = reference.strip().isEmpty() || reference.startsWith("#") ? base : ascii;
        String path = whole.substring(HOST.length()).split("#")[0];
        add(path.isEmpty() ? "/" : path);
    }
}
