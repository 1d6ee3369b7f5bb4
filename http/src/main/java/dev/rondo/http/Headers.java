package dev.rondo.http;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The header fields of a message, in the order sent: immutable, a name may come more than once, case of names does not
 * matter. In aiohttp: {@code CIMultiDictProxy}.
 *
 * <p>A message has a dozen fields, so they stand in one array and are looked for one by one: no map to build per
 * message.
 *
 * <p>May be used from any thread.
 */
public final class Headers {

    /** No fields. */
    public static final Headers EMPTY = new Headers(new String[0]);

    private final String[] fields; // name, value, name, value …

    private Headers(String[] fields) {
        this.fields = fields;
    }

    /**
     * Returns the given fields: {@code Headers.of("Accept", "text/html", "Accept-Language", "de")}.
     *
     * @throws IllegalArgumentException if a value is missing, a name is not a token or a value has characters that no
     *     field may have
     */
    public static Headers of(String... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("the last name, \"" + namesAndValues[namesAndValues.length - 1]
                    + "\", has no value: give names and values in turn");
        }
        var builder = new Builder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            builder.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return builder.build();
    }

    /** Returns a builder without fields. */
    public static Builder builder() {
        return new Builder();
    }

    // ------------------------------------------------------------------------------------------------- looking up

    /** Returns the value of the first field of that name, or null if there is none. */
    public @Nullable String get(String name) {
        for (int i = 0; i < fields.length; i += 2) {
            if (fields[i].equalsIgnoreCase(name)) {
                return fields[i + 1];
            }
        }
        return null;
    }

    /** Returns the values of all fields of that name, in order; none is an empty list. In aiohttp: {@code getall}. */
    public List<String> all(String name) {
        var values = new ArrayList<String>(1);
        for (int i = 0; i < fields.length; i += 2) {
            if (fields[i].equalsIgnoreCase(name)) {
                values.add(fields[i + 1]);
            }
        }
        return values;
    }

    /** Returns whether a field of that name is there. */
    public boolean contains(String name) {
        return get(name) != null;
    }

    /**
     * Returns whether a comma-separated list, such as {@code Connection} is, has that token in any field of that name;
     * case does not matter.
     */
    public boolean hasToken(String name, String token) {
        for (int i = 0; i < fields.length; i += 2) {
            if (fields[i].equalsIgnoreCase(name) && listHas(fields[i + 1], token)) {
                return true;
            }
        }
        return false;
    }

    private static boolean listHas(String list, String token) {
        if (list.equalsIgnoreCase(token)) {
            return true;
        }
        for (String element : list.split(",", -1)) {
            if (element.strip().equalsIgnoreCase(token)) {
                return true;
            }
        }
        return false;
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

    // ---------------------------------------------------------------------------------------------- changed copies

    /**
     * Returns these fields with one of that name: all others of that name are gone.
     *
     * @throws IllegalArgumentException as {@link #of}
     */
    public Headers with(String name, String value) {
        return new Builder().addAll(without(name)).add(name, value).build();
    }

    /** Returns these fields without those of that name. */
    public Headers without(String name) {
        if (!contains(name)) {
            return this;
        }
        var builder = new Builder();
        forEach((n, v) -> {
            if (!n.equalsIgnoreCase(name)) {
                builder.add(n, v);
            }
        });
        return builder.build();
    }

    /** Returns these fields, and those of {@code defaults} whose names are not among these. */
    public Headers withDefaults(Headers defaults) {
        if (fields.length == 0) {
            return defaults;
        }
        var builder = new Builder().addAll(this);
        defaults.forEach((name, value) -> {
            if (!contains(name)) {
                builder.add(name, value);
            }
        });
        return builder.build();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Headers that) || that.fields.length != fields.length) {
            return false;
        }
        for (int i = 0; i < fields.length; i += 2) {
            if (!fields[i].equalsIgnoreCase(that.fields[i]) || !fields[i + 1].equals(that.fields[i + 1])) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = 0; i < fields.length; i += 2) {
            hash = 31 * hash + fields[i].toLowerCase(Locale.ROOT).hashCode() * 31 + fields[i + 1].hashCode();
        }
        return hash;
    }

    /** Returns one line per field, as on the wire. */
    @Override
    public String toString() {
        var text = new StringBuilder();
        forEach((name, value) -> text.append(name).append(": ").append(value).append('\n'));
        return text.toString();
    }

    /** Collects fields. For one thread at a time. */
    public static final class Builder {

        private String[] fields = new String[24];
        private int length;

        private Builder() {}

        /**
         * Adds a field at the end.
         *
         * @throws IllegalArgumentException as {@link Headers#of}
         */
        public Builder add(String name, String value) {
            FieldRules.ensureName(name);
            FieldRules.ensureValue(name, value);
            return append(name, value);
        }

        /** Adds all fields of {@code headers} at the end. */
        public Builder addAll(Headers headers) {
            for (int i = 0; i < headers.fields.length; i += 2) {
                append(headers.fields[i], headers.fields[i + 1]);
            }
            return this;
        }

        private Builder append(String name, String value) {
            if (length == fields.length) {
                fields = Arrays.copyOf(fields, length * 2);
            }
            fields[length++] = name;
            fields[length++] = value;
            return this;
        }

        /** Returns how many fields have been added. */
        public int size() {
            return length / 2;
        }

        /** Returns the fields added so far; this builder may be used on. */
        public Headers build() {
            return length == 0 ? EMPTY : new Headers(Arrays.copyOf(fields, length));
        }
    }
}
