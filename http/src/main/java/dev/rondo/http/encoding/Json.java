package dev.rondo.http.encoding;

import dev.rondo.http.JsonException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON from and to Java's values, by Jackson with its defaults. From any thread; suspends a coroutine the first time.
 */
public final class Json {

    private Json() {}

    /**
     * Writes a value.
     *
     * @throws IllegalArgumentException if Jackson cannot
     */
    public static byte[] write(Object value) {
        JacksonClasses.initialise();
        try {
            return JsonMapper.shared().writeValueAsBytes(value);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "no JSON can be made of a " + value.getClass().getName() + ": " + e.getOriginalMessage(), e);
        }
    }

    /**
     * Reads a value.
     *
     * @throws JsonException if it is no JSON, or does not fit the type
     */
    public static <T> T read(String json, Class<T> type) throws JsonException {
        if (json.isBlank()) {
            throw new JsonException("an empty body is no JSON", null);
        }
        JacksonClasses.initialise();
        try {
            JavaType wanted = JsonMapper.shared().constructType(type);
            T value = JsonMapper.shared().readValue(json, wanted);
            if (value == null) {
                throw new JsonException("JSON's null is no " + type.getSimpleName(), null);
            }
            return value;
        } catch (JacksonException e) {
            throw new JsonException("not the JSON of a " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
        }
    }
}
