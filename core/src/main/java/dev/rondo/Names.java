package dev.rondo;

import org.jspecify.annotations.Nullable;

/** What things are called in messages. */
final class Names {

    /** A page of text as the result of a task would hide everything else that a message has to say. */
    private static final int LONGEST_VALUE = 200;

    /** What runs the code of somebody else, whose name is the one to say. */
    interface Wrapper {
        Object code();
    }

    private Names() {}

    /** Returns the class that code stands in: {@code com.shop.Main.lambda} for a lambda or a method reference. */
    static String ofCode(Object code) {
        return ofClass(classOf(code));
    }

    /** Returns the class of the code that {@code code} is, or runs. */
    static Class<?> classOf(Object code) {
        while (code instanceof Wrapper wrapper) {
            code = wrapper.code();
        }
        return code.getClass();
    }

    static String ofClass(Class<?> type) {
        String name = type.getName();
        int lambda = name.indexOf("$$Lambda");
        return lambda < 0 ? name : name.substring(0, lambda) + ".lambda";
    }

    /** Returns {@code value} as text, cut if it is long: code of the user, which must not spoil the message. */
    static String ofValue(@Nullable Object value) {
        if (value == null) {
            return "null";
        }
        String text;
        try {
            text = String.valueOf(value); // even if its toString returns null
        } catch (Exception | StackOverflowError | AssertionError | LinkageError failure) {
            text = "<" + ofClass(value.getClass()) + " whose toString() threw "
                    + failure.getClass().getName() + ">";
        }
        return text.length() <= LONGEST_VALUE ? text : text.substring(0, LONGEST_VALUE) + "…";
    }
}
