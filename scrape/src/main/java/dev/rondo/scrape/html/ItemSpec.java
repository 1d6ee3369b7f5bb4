package dev.rondo.scrape.html;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * What items are to be taken from which pages.
 *
 * <pre>{@code
 * items:
 *   - name: product              # goes into the item as "item"
 *     match: /products/          # only of addresses in which this regular expression is found
 *     each: li.product           # an item for each of these; without it, one for the page
 *     fields:
 *       title: h2                # a selector
 *       link: a@href
 *       price: {select: .price, regex: '([0-9.]+)', type: number, required: true}
 *       tags: {select: .tag, list: true}
 *       stock: {select: .stock, default: unknown}
 * }</pre>
 *
 * It does not change, and may be used on any thread.
 */
public final class ItemSpec {

    private static final Set<String> TYPES = Set.of("text", "number");
    private static final Set<String> OF_FIELD = Set.of("select", "list", "regex", "type", "default", "required");
    private static final Set<String> OF_ITEM = Set.of("name", "match", "each", "fields");

    private final List<Item> items;

    private record Item(
            @Nullable String name,
            @Nullable Pattern match,
            @Nullable Selector each,
            Map<String, Field> fields) {}

    private record Field(
            Selector select,
            boolean list,
            @Nullable Pattern regex,
            boolean number,
            @Nullable Object otherwise,
            boolean required) {}

    private ItemSpec(List<Item> items) {
        this.items = items;
    }

    // ---------------------------------------------------------------------------------------------------- reading

    /**
     * Takes one item of each page, of fields given as {@code name=selector}; {@code name[]=selector} for all of them.
     */
    public static ItemSpec ofFields(List<String> fields) {
        Map<String, Field> all = new LinkedHashMap<>();
        for (String each : fields) {
            int equals = each.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("\"" + each + "\": write name=selector, such as title=h1");
            }
            String name = each.substring(0, equals).strip();
            boolean list = name.endsWith("[]");
            Selector selector = Selector.parse(each.substring(equals + 1).strip());
            all.put(
                    list ? name.substring(0, name.length() - 2) : name,
                    new Field(selector, list, null, false, null, false));
        }
        return new ItemSpec(List.of(new Item(null, null, null, all)));
    }

    /**
     * Reads a file of YAML.
     *
     * @throws IOException if it cannot be read
     * @throws IllegalArgumentException if it is not as it should be; the message says what and where
     */
    public static ItemSpec read(Path file) throws IOException {
        return parse(Files.readString(file));
    }

    /**
     * Reads YAML.
     *
     * @throws IllegalArgumentException if it is not as it should be; the message says what and where
     */
    public static ItemSpec parse(String yaml) {
        Object root;
        try {
            root = new YAMLMapper().readValue(yaml, Object.class);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("this is no YAML: " + e.getOriginalMessage(), e);
        }
        List<Item> items = new ArrayList<>();
        Object list = root instanceof Map<?, ?> map ? map.get("items") : null;
        if (!(list instanceof List<?> all) || all.isEmpty()) {
            throw new IllegalArgumentException("the file has to begin with \"items:\", and a list of them");
        }
        for (int i = 0; i < all.size(); i++) {
            items.add(item("item " + (i + 1), all.get(i)));
        }
        return new ItemSpec(items);
    }

    private static Item item(String where, @Nullable Object value) {
        Map<?, ?> map = known(where, value, OF_ITEM);
        if (!(map.get("fields") instanceof Map<?, ?> named) || named.isEmpty()) {
            throw new IllegalArgumentException(where + " has no fields");
        }
        Map<String, Field> fields = new LinkedHashMap<>();
        named.forEach((name, each) -> fields.put(String.valueOf(name), field(where + ", field " + name, each)));
        String each = text(map.get("each"));
        return new Item(
                text(map.get("name")),
                pattern(where + ", match", text(map.get("match"))),
                each == null ? null : Selector.parse(each),
                fields);
    }

    private static Field field(String where, @Nullable Object value) {
        if (value instanceof String selector) {
            return new Field(Selector.parse(selector), false, null, false, null, false);
        }
        Map<?, ?> map = known(where, value, OF_FIELD);
        String type = Objects.requireNonNullElse(text(map.get("type")), "text");
        if (!TYPES.contains(type)) {
            throw new IllegalArgumentException(where + ": there is no type " + type + ", only text and number");
        }
        String select = text(map.get("select"));
        if (select == null) {
            throw new IllegalArgumentException(where + " has no \"select\"");
        }
        return new Field(
                Selector.parse(select),
                Boolean.TRUE.equals(map.get("list")),
                pattern(where + ", regex", text(map.get("regex"))),
                type.equals("number"),
                map.get("default"),
                Boolean.TRUE.equals(map.get("required")));
    }

    private static Map<?, ?> known(String where, @Nullable Object value, Set<String> names) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(where + " is no map");
        }
        for (Object name : map.keySet()) {
            if (!names.contains(String.valueOf(name))) {
                throw new IllegalArgumentException(where + ": what is \"" + name + "\"? There are " + names);
            }
        }
        return map;
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private static @Nullable Pattern pattern(String where, @Nullable String text) {
        try {
            return text == null ? null : Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    where + ": \"" + text + "\" is no regular expression: " + e.getDescription(), e);
        }
    }

    // ---------------------------------------------------------------------------------------------------- extraction

    /** Returns whether items are to be taken from the page at this address. */
    public boolean matches(String url) {
        return items.stream().anyMatch(item -> matches(item, url));
    }

    private static boolean matches(Item item, String url) {
        return item.match() == null || item.match().matcher(url).find();
    }

    /** Returns the items of a page; those that lack a field that is required are left out. */
    public List<Map<String, Object>> extract(Document page, String url) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Item item : items) {
            if (!matches(item, url)) {
                continue;
            }
            for (Element part :
                    item.each() == null ? List.of(page) : item.each().elements(page)) {
                Map<String, Object> taken = take(item, part);
                if (taken != null) {
                    all.add(taken);
                }
            }
        }
        return all;
    }

    private static @Nullable Map<String, Object> take(Item item, Element part) {
        Map<String, Object> taken = new LinkedHashMap<>();
        if (item.name() != null) {
            taken.put("item", item.name());
        }
        for (Map.Entry<String, Field> each : item.fields().entrySet()) {
            Field field = each.getValue();
            List<Object> values = new ArrayList<>();
            for (String text : field.select().all(part)) {
                Object value = value(field, text);
                if (value != null) {
                    values.add(value);
                }
            }
            Object value = field.list() ? values : values.isEmpty() ? field.otherwise() : values.getFirst();
            if (field.required() && values.isEmpty()) {
                return null;
            }
            if (value != null) {
                taken.put(each.getKey(), value);
            }
        }
        return taken;
    }

    private static @Nullable Object value(Field field, String text) {
        String found = text;
        if (field.regex() != null) {
            Matcher matcher = field.regex().matcher(text);
            if (!matcher.find()) {
                return null;
            }
            found = matcher.groupCount() > 0 ? matcher.group(1) : matcher.group();
        }
        if (!field.number()) {
            return found;
        }
        return number(found);
    }

    /**
     * Reads 1,250.50 and 1.250,50: of two marks the last is that of the decimals; one of thousands has three digits.
     */
    private static @Nullable Object number(String text) {
        String digits = text.strip().replaceAll("[\\s\\u00a0\\u202f'’]", "");
        char decimal = digits.lastIndexOf(',') > digits.lastIndexOf('.') ? ',' : '.';
        String other = decimal == ',' ? "." : ",";
        boolean both = digits.contains(other);
        boolean grouped = digits.matches("[-+]?[0-9]{1,3}(" + (decimal == ',' ? "," : "\\.") + "[0-9]{3})+");
        boolean thousands = !both && grouped && (decimal == ',' || digits.indexOf('.') != digits.lastIndexOf('.'));
        String plain = thousands
                ? digits.replace(String.valueOf(decimal), "")
                : digits.replace(other, "").replace(decimal, '.');
        try {
            return new BigDecimal(plain);
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
