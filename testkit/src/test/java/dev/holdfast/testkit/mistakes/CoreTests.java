package dev.holdfast.testkit.mistakes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Compiles tests of the core from their sources, because they are not on the class path of this module. */
final class CoreTests {
    private static final Map<String, Map<String, byte[]>> COMPILED = new ConcurrentHashMap<>();

    private CoreTests() {}

    /** Returns a test class and the classes that it needs; empty if the test belongs to this module. */
    static Map<String, byte[]> classes(String className) {
        if (CoreTests.class.getResource("/" + fileName(className, ".class")) != null) {
            return Map.of();
        }
        return COMPILED.computeIfAbsent(className, CoreTests::compile);
    }

    private static Map<String, byte[]> compile(String className) {
        Path folder = CoreSources.folder().resolve("src/test/java");
        try {
            String source = Files.readString(folder.resolve(fileName(className, ".java")), UTF_8);
            return Compiler.compile(Map.of(className, source), List.of("-sourcepath", folder.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException("found no test " + className, e);
        }
    }

    private static String fileName(String className, String ending) {
        return className.replace('.', '/') + ending;
    }
}
