package dev.rondo.http;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Names and values in order, as an HTML form sends them; a name may come more than once. Immutable. In aiohttp:
 * {@code FormData} without files, and the {@code MultiDict} that {@code request.post()} returns.
 *
 * <pre>{@code
 * session.post(url, Body.form(Form.of("user", "anna", "tag", "a", "tag", "b")));
 * }</pre>
 */
public final class Form {

    /** How many fields {@link #parse(String)} and {@link #read} take. */
    public static final int MAX_FIELDS = 1000;

    /** No fields. */
    public static final Form EMPTY = new Form(new String[0]);

    private final String[] fields; // name, value, name, value …

    private Form(String[] fields) {
        this.fields = fields;
    }

    /**
     * Returns a form of names and values in turn.
     *
     * @throws IllegalArgumentException if the last name has no value
     */
    public static Form of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("the last name, \"" + namesAndValues[namesAndValues.length - 1]
                    + "\", has no value: give names and values in turn");
        }
        return new Form(namesAndValues.clone());
    }

    /** Returns a copy with a field more at its end. In aiohttp: {@code add_field}. */
    public Form with(String name, String value) {
        String[] more = Arrays.copyOf(fields, fields.length + 2);
        more[fields.length] = name;
        more[fields.length + 1] = value;
        return new Form(more);
    }

    // ------------------------------------------------------------------------------------------------- looking up

    /** Returns the value of the first field of that name, or null if there is none. Case matters. */
    public @Nullable String get(String name) {
        for (int i = 0; i < fields.length; i += 2) {
            if (fields[i].equals(name)) {
                return fields[i + 1];
            }
        }
        return null;
    }

    /** Returns the values of all fields of that name, in order. In aiohttp: {@code getall}. */
    public List<String> all(String name) {
        var values = new ArrayList<String>(1);
        for (int i = 0; i < fields.length; i += 2) {
            if (fields[i].equals(name)) {
                values.add(fields[i + 1]);
            }
        }
        return values;
    }

    /** Returns whether a field of that name is there. */
    public boolean contains(String name) {
        return get(name) != null;
    }

    /** Returns how many fields there are. */
    public int size() {
        return fields.length / 2;
    }

    /** Calls {@code action} with name and value of each field, in order. */
    public void forEach(BiConsumer<? super String, ? super String> action) {
        for (int i = 0; i < fields.length; i += 2) {
            action.accept(fields[i], fields[i + 1]);
        }
    }

    // ----------------------------------------------------------------------------------------------- as it is sent

    /** Returns the fields as {@code application/x-www-form-urlencoded}, in UTF-8. */
    public String encoded() {
        var text = new StringBuilder();
        forEach((name, value) -> text.append(text.isEmpty() ? "" : "&")
                .append(URLEncoder.encode(name, StandardCharsets.UTF_8))
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
        return text.toString();
    }

    /**
     * Reads {@code application/x-www-form-urlencoded} in UTF-8, as the URL standard has it: nothing is malformed.
     *
     * @throws TooLargeException if there are more than {@value #MAX_FIELDS} fields
     */
    public static Form parse(String encoded) throws TooLargeException {
        return parse(encoded, MAX_FIELDS);
    }

    /**
     * Does the same, with another limit.
     *
     * @throws TooLargeException if there are more than {@code maxFields} fields
     */
    public static Form parse(String encoded, int maxFields) throws TooLargeException {
        var fields = new ArrayList<String>();
        for (int start = 0; start < encoded.length(); ) {
            int ampersand = encoded.indexOf('&', start);
            int end = ampersand < 0 ? encoded.length() : ampersand;
            if (end > start) {
                ensureRoom(fields, maxFields);
                int equals = encoded.indexOf('=', start);
                boolean valued = equals >= 0 && equals < end;
                fields.add(decoded(encoded.substring(start, valued ? equals : end)));
                fields.add(valued ? decoded(encoded.substring(equals + 1, end)) : "");
            }
            start = end + 1;
        }
        return new Form(fields.toArray(String[]::new));
    }

    private static String decoded(String text) {
        return PercentCodec.decode(text.replace('+', ' '));
    }

    private static void ensureRoom(List<String> fields, int maxFields) throws TooLargeException {
        if (fields.size() >= 2L * maxFields) {
            throw new TooLargeException("a form of more than " + maxFields + " fields");
        }
    }

    /**
     * Reads the rest of a {@code multipart/form-data} without files, of at most {@value #MAX_FIELDS} fields. Suspends.
     *
     * @param maxBytes how large all values may be together
     * @throws MalformedMessageException if a part has no name, or as {@link MultipartReader#next}
     * @throws TooLargeException if it is larger, or has more fields, or a file: those are read one by one
     */
    public static Form read(MultipartReader parts, int maxBytes) throws HttpException {
        var fields = new ArrayList<String>();
        int left = maxBytes;
        for (MultipartReader.Part part; (part = parts.next()) != null; ) {
            ensureRoom(fields, MAX_FIELDS);
            String name = part.name();
            if (name == null) {
                throw new MalformedMessageException("a part of a form without a name", null);
            }
            if (part.fileName() != null) {
                throw new TooLargeException("field " + name + " of the form is a file: read its parts one by one");
            }
            byte[] value = part.read(left);
            left -= value.length;
            fields.add(name);
            fields.add(new String(value, part.charset()));
        }
        return new Form(fields.toArray(String[]::new));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Form that && Arrays.equals(fields, that.fields);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(fields);
    }

    /** Returns the names, without the values: among them may be secrets. */
    @Override
    public String toString() {
        var names = new ArrayList<String>();
        forEach((name, value) -> names.add(name));
        return "Form" + names;
    }
}
