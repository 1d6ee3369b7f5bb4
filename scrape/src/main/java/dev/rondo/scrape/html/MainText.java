package dev.rondo.scrape.html;

import java.util.regex.Pattern;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/**
 * The text of a page that people come to read, without navigation, advertisements and footers. A guess: each element
 * has a score for the running text in the paragraphs that are its children, less what of it are links; the highest
 * wins.
 */
public final class MainText {

    private static final Pattern CHROME = Pattern.compile(
            "(?i)\\b(nav(bar|igation)?|menu|sidebar|footer|header|comments?|cookie|banner|advert(isement)?|breadcrumbs?"
                    + "|share|social|related|promo|pagination|toc|subscribe|newsletter)\\b");
    private static final int SHORTEST = 25; // what is less is a label and no paragraph

    private MainText() {}

    /** Returns the paragraphs, each on a line with an empty one behind it; empty if the page has none. */
    public static String of(Document page) {
        Element body = page.body().clone();
        body.select("script, style, noscript, template, nav, footer, aside, form, button, svg, iframe, [hidden],"
                        + " [aria-hidden=true], [role=navigation], [role=banner], [role=contentinfo]")
                .remove();
        for (Element each : body.select("div, section, ul, ol, header, table")) {
            if (CHROME.matcher(each.className() + " " + each.id()).find()
                    && each.select("article, main").isEmpty()) {
                each.remove();
            }
        }
        Element best = best(body);
        return best == null ? "" : text(best);
    }

    private static @Nullable Element best(Element body) {
        Element best = null;
        double highest = 0;
        for (Element each : body.select("body, main, article, section, div, td")) {
            double score = score(each);
            if (score > highest) {
                highest = score;
                best = each;
            }
        }
        return best;
    }

    private static double score(Element element) {
        double score = 0;
        for (Element child : element.children()) {
            score += paragraph(child);
            if (child.is("div, section, article")) {
                for (Element grandchild : child.children()) {
                    score += paragraph(grandchild) / 2;
                }
            }
        }
        return element.is("article, main") ? score * 1.25 : score;
    }

    /** How much running text it has: long, with commas, and not linked. */
    private static double paragraph(Element element) {
        if (!element.is("p, pre, blockquote, ul, ol, h2, h3, table")) {
            return 0;
        }
        String text = element.text();
        if (text.length() < SHORTEST) {
            return 0;
        }
        int linked = element.select("a").text().length();
        double own = Math.max(0, 1 - 2.0 * linked / text.length());
        long commas = text.chars().filter(c -> c == ',' || c == '、' || c == '،').count();
        return own * (text.length() + 20.0 * commas);
    }

    private static String text(Element element) {
        var text = new StringBuilder();
        Element taken = null; // the last one, whose own parts are in it already
        for (Element part : element.select("h1, h2, h3, h4, h5, h6, p, pre, li, blockquote, td, dt, dd")) {
            boolean inside = taken != null && isIn(part, taken, element);
            taken = inside ? taken : part;
            String words = part.is("pre") ? part.wholeText() : part.text();
            if (!inside && !words.isBlank()) {
                text.append(text.isEmpty() ? "" : "\n\n").append(words.strip());
            }
        }
        return text.isEmpty() ? element.text() : text.toString();
    }

    private static boolean isIn(Element part, Element other, Element root) {
        for (Element each = part.parent(); each != null && each != root; each = each.parent()) {
            if (each == other) {
                return true;
            }
        }
        return false;
    }
}
