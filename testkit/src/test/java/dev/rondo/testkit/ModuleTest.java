package dev.rondo.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rondo.EventLoop;
import java.io.File;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

/** What a module needs that uses the test kit. */
class ModuleTest {

    @TempDir
    private Path directory;

    @Test
    void aModuleThatExploresNeedsNeitherJUnitNorJqwik() throws Exception {
        assertThat(errors("dev.rondo.testkit", "Explorer.random(1).check(sim -> sim.choose(2, \"which\"));"))
                .isEmpty();
        assertThat(errors("dev.rondo.testkit", "org.junit.jupiter.api.Assertions.fail();"))
                .as("where it has them all the same, this test shows nothing")
                .contains("org.junit.jupiter.api");
    }

    private String errors(String required, String statement) throws Exception {
        Path module =
                Files.writeString(directory.resolve("module-info.java"), "module user { requires " + required + "; }");
        Path program = Files.createDirectories(directory.resolve("user")).resolve("User.java");
        Files.writeString(
                program,
                "package user; import dev.rondo.testkit.*; class User { void explore() { " + statement + " } }");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter errors = new StringWriter();
        try (var files = compiler.getStandardFileManager(null, null, null)) {
            compiler.getTask(
                            errors,
                            files,
                            null,
                            List.of("-d", directory.resolve("out").toString(), "--module-path", modulePath()),
                            null,
                            files.getJavaFileObjects(module, program))
                    .call();
        }
        return errors.toString().replaceAll("(?m)^warning: .*$", "").strip();
    }

    private static String modulePath() {
        return Stream.of(Explorer.class, EventLoop.class, NullMarked.class, Logger.class)
                .map(ModuleTest::placeOf)
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String placeOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
