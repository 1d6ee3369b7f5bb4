package dev.rondo.scrape.html;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jsoup.nodes.Element;
import org.jsoup.nodes.Node;
import org.jsoup.nodes.TextNode;
import org.jsoup.select.Selector.SelectorParseException;
import org.jspecify.annotations.Nullable;

/**
 * What is to be taken from a page, or a part of one, in a line.
 *
 * <pre>
 *   h1                  the text of the first h1: a selector of CSS
 *   a.next@href         its attribute; href and src as whole addresses
 *   div.price@html      what is inside it, as HTML
 *   xpath://h1/text()   the same by XPath 1.0
 *   xpath://a/@href
 * </pre>
 *
 * It does not change, and may be used on any thread.
 */
public final class Selector {

    private static final String XPATH = "xpath:";
    private static final Pattern ATTRIBUTE = Pattern.compile("(.*)/@([A-Za-z_][A-Za-z0-9_:.-]*)");

    private final String text;
    private final String query;
    private final @Nullable String attribute; // null: the text
    private final boolean xpath;

    private Selector(String text, String query, @Nullable String attribute, boolean xpath) {
        this.text = text;
        this.query = query;
        this.attribute = attribute;
        this.xpath = xpath;
    }

    /**
     * Reads a selector.
     *
     * @throws IllegalArgumentException if it is none; the message says where
     */
    public static Selector parse(String text) {
        Selector selector;
        if (text.startsWith(XPATH)) {
            selector = new Selector(text, text.substring(XPATH.length()).strip(), null, true);
        } else {
            int at = text.lastIndexOf('@');
            boolean attribute = at > 0 && text.substring(at + 1).matches("[A-Za-z_][A-Za-z0-9_:.-]*");
            selector = attribute
                    ? new Selector(text, text.substring(0, at).strip(), text.substring(at + 1), false)
                    : new Selector(text, text.strip(), null, false);
        }
        try {
            selector.all(new Element("p"));
        } catch (SelectorParseException | IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + text + "\" is no selector: " + e.getMessage(), e);
        }
        return selector;
    }

    /** Returns what it selects within an element, in the order of the page. */
    public List<String> all(Element element) {
        List<String> values = new ArrayList<>();
        if (xpath) {
            for (Node node : nodes(element)) {
                values.add(value(node));
            }
        } else {
            for (Element each : query.isEmpty() ? List.of(element) : element.select(query)) {
                String value = value(each);
                if (value != null) {
                    values.add(value);
                }
            }
        }
        return values;
    }

    /** Returns the first that it selects, or null. */
    public @Nullable String first(Element element) {
        List<String> all = all(element);
        return all.isEmpty() ? null : all.getFirst();
    }

    /** Returns the elements that it selects. */
    List<Element> elements(Element element) {
        return xpath ? element.selectXpath(query) : element.select(query);
    }

    private List<Node> nodes(Element element) {
        Matcher attribute = ATTRIBUTE.matcher(query); // jsoup selects nodes, of which attributes are none
        if (!attribute.matches()) {
            return element.selectXpath(query, Node.class);
        }
        String name = attribute.group(2);
        List<Node> values = new ArrayList<>();
        for (Element each : element.selectXpath(attribute.group(1) + "[@" + name + "]")) {
            values.add(new TextNode(attribute(each, name)));
        }
        return values;
    }

    private static String value(Node node) {
        return switch (node) {
            case Element element -> element.text();
            case TextNode words -> words.text().strip();
            default -> node.outerHtml();
        };
    }

    private @Nullable String value(Element element) {
        if (attribute == null) {
            return element.text();
        } else if (attribute.equals("html")) {
            return element.html();
        } else if (attribute.equals("text")) {
            return element.text();
        }
        return element.hasAttr(attribute) ? attribute(element, attribute) : null;
    }

    private static String attribute(Element element, String name) {
        boolean address = name.equals("href") || name.equals("src");
        String whole = address ? element.absUrl(name) : "";
        return whole.isEmpty() ? element.attr(name) : whole;
    }

    /** Returns what it was read from. */
    @Override
    public String toString() {
        return text;
    }
}
