package dev.rondo.testkit;

import java.lang.reflect.Method;

/** What one types to have a schedule of a test again, with Maven. */
record ReplayLine(Class<?> type, Method testMethod) {

    /** Returns the test as {@code -Dtest} wants it. */
    String method() {
        String name = type.getName();
        return name.substring(name.lastIndexOf('.') + 1) + "#" + testMethod.getName();
    }

    String with(String property, Object value) {
        String test = method();
        return "-Dtest=" + (test.contains("$") ? "'" + test + "'" : test) + " -D" + property + "=" + value;
    }
}
