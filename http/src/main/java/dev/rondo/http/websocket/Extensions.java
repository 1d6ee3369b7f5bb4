package dev.rondo.http.websocket;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The header Sec-WebSocket-Extensions (RFC 6455 §9.1), of which permessage-deflate is the only one known here (RFC 7692
 * §7.1).
 */
final class Extensions {

    static final String HEADER = "Sec-WebSocket-Extensions";

    /** What a client offers. Not the size of its window, which cannot be chosen here. */
    static final String OFFER = "permessage-deflate";

    private static final String SERVER_FORGETS = "server_no_context_takeover";
    private static final String CLIENT_FORGETS = "client_no_context_takeover";
    private static final String SERVER_BITS = "server_max_window_bits";
    private static final String CLIENT_BITS = "client_max_window_bits";
    private static final int OUR_BITS = 15; // of java.util.zip's windows: 32 KiB

    private Extensions() {}

    /**
     * Deflating as agreed on.
     *
     * @param serverKeeps whether a message of the server may refer to those before
     * @param clientKeeps the same of the client
     * @param header what the server answers
     */
    record Deflate(boolean serverKeeps, boolean clientKeeps, String header) {}

    // ------------------------------------------------------------------------------------------------ negotiating

    /** Returns what a server answers to what a client offers; null if it takes none of it. */
    static @Nullable Deflate answer(List<String> headers) {
        for (Extension offer : parse(headers)) {
            if (offer.name.equals(OFFER) && isTaken(offer.params)) {
                boolean serverForgets = offer.params.containsKey(SERVER_FORGETS);
                boolean clientForgets = offer.params.containsKey(CLIENT_FORGETS);
                String header = OFFER
                        + (serverForgets ? "; " + SERVER_FORGETS : "")
                        + (clientForgets ? "; " + CLIENT_FORGETS : "")
                        + (offer.params.containsKey(SERVER_BITS) ? "; " + SERVER_BITS + "=" + OUR_BITS : "");
                return new Deflate(!serverForgets, !clientForgets, header);
            }
        }
        return null;
    }

    private static boolean isTaken(Map<String, String> params) {
        for (var param : params.entrySet()) {
            String value = param.getValue();
            boolean fine = switch (param.getKey()) {
                case SERVER_FORGETS, CLIENT_FORGETS -> value.isEmpty();
                case SERVER_BITS -> bits(value) == OUR_BITS;
                case CLIENT_BITS -> value.isEmpty() || bits(value) > 0;
                default -> false;
            };
            if (!fine) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns what a client understands of the server's answer; null if nothing was agreed on.
     *
     * @param offered whether the client had offered {@link #OFFER}
     * @throws IllegalArgumentException if it is no answer to that
     */
    static @Nullable Deflate agreed(List<String> headers, boolean offered) {
        List<Extension> answer = parse(headers);
        if (answer.isEmpty() && headers.stream().allMatch(String::isBlank)) {
            return null;
        }
        if (!offered || answer.size() != 1 || !answer.getFirst().name.equals(OFFER)) {
            throw new IllegalArgumentException("extensions that were not offered: " + headers);
        }
        Map<String, String> params = answer.getFirst().params;
        for (var param : params.entrySet()) {
            String value = param.getValue();
            boolean fine = switch (param.getKey()) {
                case SERVER_FORGETS, CLIENT_FORGETS -> value.isEmpty();
                case SERVER_BITS -> bits(value) > 0;
                default -> false;
            };
            if (!fine) {
                throw new IllegalArgumentException("a parameter that was not offered: " + param);
            }
        }
        return new Deflate(!params.containsKey(SERVER_FORGETS), !params.containsKey(CLIENT_FORGETS), OFFER);
    }

    /** Returns the size of a window, 8 to 15, or 0 if the value is none. */
    private static int bits(String value) {
        return switch (value) {
            case "8", "9" -> value.charAt(0) - '0';
            case "10", "11", "12", "13", "14", "15" -> 10 + value.charAt(1) - '0';
            default -> 0;
        };
    }

    // ----------------------------------------------------------------------------------------------------- parsing

    /** One extension; a parameter without a value has the empty one. */
    private record Extension(String name, Map<String, String> params) {}

    /** Reads the headers; nothing at all if they are malformed. */
    private static List<Extension> parse(List<String> headers) {
        var all = new ArrayList<Extension>();
        for (String header : headers) {
            for (String element : split(header, ',')) {
                if (element.isBlank()) {
                    continue; // lists may have holes
                }
                List<String> parts = split(element, ';');
                var params = new HashMap<String, String>();
                for (String part : parts.subList(1, parts.size())) {
                    int equals = part.indexOf('=');
                    String name = (equals < 0 ? part : part.substring(0, equals)).strip();
                    String value = equals < 0
                            ? ""
                            : unquoted(part.substring(equals + 1).strip());
                    boolean empty = name.isEmpty() || equals >= 0 && value.isEmpty();
                    if (empty || params.put(name, value) != null) {
                        return List.of();
                    }
                }
                all.add(new Extension(parts.getFirst().strip(), params));
            }
        }
        return all;
    }

    /** Splits where a character stands outside of quotes. */
    private static List<String> split(String text, char at) {
        var parts = new ArrayList<String>();
        boolean quoted = false;
        int begin = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == at && !quoted) {
                parts.add(text.substring(begin, i));
                begin = i + 1;
            }
        }
        parts.add(text.substring(begin));
        return parts;
    }

    /** Takes quotes off; what was quoted has to be a token, and so has no backslash. */
    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
