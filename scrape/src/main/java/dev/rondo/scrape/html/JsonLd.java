package dev.rondo.scrape.html;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What a page says of itself to search engines: {@code <script type="application/ld+json">}. */
public final class JsonLd {

    private JsonLd() {}

    /** Returns its objects, those of lists and graphs one by one; what is no JSON is passed over. */
    public static List<Map<String, Object>> of(Document page) {
        List<Map<String, Object>> items = new ArrayList<>();
        for (Element script : page.select("script[type^=application/ld+json]")) {
            try {
                add(items, JsonMapper.shared().readValue(script.data(), Object.class));
            } catch (JacksonException broken) {
                // as many are; the others of the page may be whole
            }
        }
        return items;
    }

    private static void add(List<Map<String, Object>> items, Object value) {
        if (value instanceof List<?> list) {
            list.forEach(each -> add(items, each));
        } else if (value instanceof Map<?, ?> map) {
            if (map.get("@graph") instanceof List<?> graph) {
                graph.forEach(each -> add(items, each));
            } else {
                @SuppressWarnings("unchecked") // the keys of JSON are strings
                Map<String, Object> item = (Map<String, Object>) map;
                items.add(item);
            }
        }
    }
}
