package dev.holdfast.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.stream.Collectors.toMap;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.testkit.project.ProjectRoot;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks the packed inputs: if Jazzer found none, the fuzz tests would pass with the empty input alone. */
class CorpusTest {
    private static final Path SOURCES = Path.of("src/test/java");

    @TempDir
    private Path directory;

    static List<Class<?>> fuzzTests() throws IOException, ClassNotFoundException {
        List<Path> files;
        try (Stream<Path> found = Files.walk(SOURCES)) {
            files = found.filter(file -> file.toString().endsWith("FuzzTest.java"))
                    .sorted()
                    .toList();
        }
        List<Class<?>> tests = new ArrayList<>();
        for (Path file : files) {
            String name = SOURCES.relativize(file).toString().replaceAll("[/\\\\]", ".");
            tests.add(Class.forName(name.substring(0, name.length() - ".java".length())));
        }
        return tests;
    }

    @ParameterizedTest
    @MethodSource("fuzzTests")
    void jazzerFindsEachPackedInput(Class<?> test) throws IOException, URISyntaxException {
        ExtendWith unpacks = test.getAnnotation(ExtendWith.class);
        assertNotNull(unpacks, "extensions of the test");
        assertTrue(Arrays.asList(unpacks.value()).contains(UnpackCorpus.class));
        SortedMap<String, byte[]> inputs = Corpus.read(UnpackCorpus.packOf(test));
        Path unpacked = Corpus.unpack(UnpackCorpus.packOf(test));
        int found = 0;
        for (Method method : test.getDeclaredMethods()) {
            if (method.isAnnotationPresent(FuzzTest.class)) {
                // The name by which Jazzer asks for the directory.
                Path jazzers = Path.of(test.getResource(test.getSimpleName() + "Inputs/" + method.getName())
                        .toURI());
                assertEquals(unpacked.resolve(method.getName()), jazzers);
                for (String name : inputs.tailMap(method.getName() + "/").keySet()) {
                    if (name.startsWith(method.getName() + "/")) {
                        assertArrayEquals(inputs.get(name), Files.readAllBytes(unpacked.resolve(name)));
                        found++;
                    }
                }
            }
        }
        assertEquals(inputs.size(), found, "inputs of the methods of the test");
    }

    @Test
    void guaranteesNameTheSizeOfTheCorpus() throws Exception {
        int inputs = 0;
        for (Class<?> test : fuzzTests()) {
            inputs += Corpus.read(UnpackCorpus.packOf(test)).size();
        }
        String guarantees = Files.readString(ProjectRoot.path().resolve("docs/guarantees.md"));
        assertTrue(guarantees.contains("a corpus of " + inputs + " inputs"), inputs + " inputs");
    }

    @ParameterizedTest
    @MethodSource("fuzzTests")
    void sameInputsArePackedToTheSameBytes(Class<?> test) throws IOException, URISyntaxException {
        Path pack = UnpackCorpus.packOf(test);
        Path again = directory.resolve("again.zip");
        Corpus.write(again, Corpus.read(pack));
        assertArrayEquals(Files.readAllBytes(pack), Files.readAllBytes(again));
    }

    @Test
    void newInputsMoveIntoThePack() throws IOException {
        Path inputs = Files.createDirectories(directory.resolve("org/FooFuzzTestInputs/bar"));
        Files.write(inputs.resolve("one"), new byte[] {1});
        Corpus.main(new String[] {directory.toString()});
        Files.createDirectories(inputs);
        Files.write(inputs.resolve("two"), new byte[] {2, 2});
        Corpus.main(new String[] {directory.toString()});

        Path pack = directory.resolve("org/FooFuzzTestInputs.zip");
        try (Stream<Path> left = Files.list(pack.getParent())) {
            assertEquals(List.of(pack), left.toList());
        }
        assertEquals(
                "{bar/one=[1], bar/two=[2, 2]}",
                new TreeMap<>(Corpus.read(pack).entrySet().stream()
                                .collect(toMap(input -> input.getKey(), input -> Arrays.toString(input.getValue()))))
                        .toString());
    }

    @Test
    void emptyOrDamagedPackIsRefused() throws IOException {
        Path pack = directory.resolve("pack.zip");
        Corpus.write(pack, new TreeMap<>(Map.of("bar/one", new byte[] {1, 2, 3})));
        byte[] whole = Files.readAllBytes(pack);
        assertEquals(1, Corpus.read(pack).size());

        byte[] changed = whole.clone();
        changed[new String(whole, ISO_8859_1).indexOf("\1\2\3")]++;
        for (byte[] damaged : new byte[][] {{}, {1, 2, 3}, Arrays.copyOf(whole, 38), changed}) {
            Files.write(pack, damaged);
            assertThrows(IOException.class, () -> Corpus.read(pack));
        }
        Corpus.write(pack, new TreeMap<>());
        assertThrows(IOException.class, () -> Corpus.read(pack));
    }
}
