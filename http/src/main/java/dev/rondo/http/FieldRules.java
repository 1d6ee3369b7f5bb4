package dev.rondo.http;

/**
 * Which characters a field may have (RFC 9110 §5). What breaks these rules could smuggle in a field or a whole message.
 */
final class FieldRules {

    private static final boolean[] TOKEN = new boolean[128];

    static {
        for (char c = '!'; c <= '~'; c++) {
            TOKEN[c] = "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0;
        }
    }

    private FieldRules() {}

    /** Throws unless {@code name} is a token. */
    static void ensureName(String name) {
        ensureToken("header", name);
    }

    /** Throws unless {@code name}, that of a {@code what}, is a token. */
    static void ensureToken(String what, String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= TOKEN.length || !TOKEN[c]) {
                throw new IllegalArgumentException(
                        "no %s may have the name \"%s\": %s at index %d".formatted(what, name, describe(c), i));
            }
        }
        if (name.isEmpty()) {
            throw new IllegalArgumentException("the name of a " + what + " is empty");
        }
    }

    /** Throws unless {@code value} has only characters that can be sent: Latin-1, and no control but the tab. */
    static void ensureValue(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7f || c > 0xff) {
                throw new IllegalArgumentException(
                        "the value of header %s has %s at index %d: encode it first".formatted(name, describe(c), i));
            }
        }
    }

    private static String describe(char c) {
        return c > ' ' && c < 0x7f ? "'" + c + "'" : "character U+%04X".formatted((int) c);
    }
}
