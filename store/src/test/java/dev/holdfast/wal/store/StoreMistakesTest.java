package dev.holdfast.wal.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.mistakes.Compiler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Puts deliberate mistakes into the store: the crash explorer must find each of them. */
@Tag("same-on-every-jdk")
class StoreMistakesTest {
    /**
     * A change of the source.
     *
     * @param file the class
     * @param find a text that the source contains exactly once
     */
    private record Mistake(String what, String file, String find, String replacement) {
        String applied(String source) {
            int at = source.indexOf(find);
            assertThat(at).as("%s must contain: %s", file, find).isNotNegative();
            assertThat(source.indexOf(find, at + 1))
                    .as("%s has twice: %s", file, find)
                    .isNegative();
            return source.substring(0, at) + replacement + source.substring(at + find.length());
        }
    }

    private static final List<Mistake> MISTAKES = List.of(
            new Mistake("a move applies though the record is elsewhere", "LogState", "if (!isThere) return false;", ""),
            new Mistake(
                    "a log is not captured at the end of a window",
                    "StoreState",
                    "            log.capture(boundary);\n",
                    ""),
            new Mistake(
                    "the newest checkpoint alone decides what is trimmed, and not what it needs",
                    "Sealer",
                    "trimLimit = newestNeeds;",
                    "trimLimit = now.window.end;"),
            new Mistake(
                    "a trim removes places from which records were moved behind the checkpoint",
                    "Sealer",
                    "Math.min(state.windows.get(oldest).start, movedFromBehind(window))",
                    "state.windows.get(oldest).start"),
            new Mistake(
                    "the oldest live window is ignored", "Sealer", "state.windows.get(oldest).start", "window.start"),
            new Mistake(
                    "a refusal leaves the numbers as they were",
                    "Writer",
                    "            log.numbered.reset(log);\n",
                    ""),
            new Mistake(
                    "a refusal leaves the next place",
                    "Writer",
                    "        nextPlace = shared.nextId();\n        windowEnding",
                    "        windowEnding"),
            new Mistake(
                    "a truncate forgets one place too many",
                    "LogState",
                    "places.truncate(ids.next());",
                    "places.truncate(ids.next() - 1);"),
            new Mistake(
                    "a log's number can be that of a deleted log",
                    "StoreState",
                    "        byName.remove(log.name, log);\n        changing(",
                    "        changing("),
            new Mistake(
                    "a reset keeps its id open",
                    "LogState",
                    "        ids.reset(nextId);\n",
                    "        ids.set(nextId, nextId);\n"),
            new Mistake("a checkpoint forgets the pin", "Checkpoint", "ids.pin();", ""),
            new Mistake(
                    "a checkpoint forgets values",
                    "Checkpoint",
                    "values.put(key, fields.readBlock());",
                    "fields.readBlock();"),
            new Mistake(
                    "opening replays from the seal instead of the end of its window",
                    "Opening",
                    "        return replay(state, seal.end());",
                    "        return replay(state, seal.place());"),
            new Mistake(
                    "opening does not read the newest window's index",
                    "Opening",
                    "            if (window != current) {",
                    "            if (window != current && window != sealed) {"),
            new Mistake(
                    "a replay ends a window at its seal",
                    "StoreState",
                    "windows.begin(seal.end());",
                    "windows.begin(seal.place());"),
            new Mistake(
                    "after opening, the newest checkpoint counts as the second newest",
                    "Opening",
                    "boolean isNewer = seal.place() > checkpointSeal;",
                    "boolean isNewer = true;"),
            new Mistake(
                    "an index forgets the last record of a range",
                    "Index",
                    "fields.writeNumber(range[0] - id).writeNumber(range[1]);",
                    "fields.writeNumber(range[0] - id).writeNumber(range[1] - 1);"),
            new Mistake(
                    "positions are one place off",
                    "Positions",
                    "            place = run[1] + run[2];\n",
                    "            place = run[1] + run[2] + 1;\n"),
            new Mistake(
                    "the removal of a value is not replayed",
                    "Replay",
                    "new Change.Put(number, new FieldReader(record.body()).readText(), null)",
                    "new Change.Trim(number, -1)"));

    private static final Path SOURCES = Path.of("src/main/java/dev/holdfast/wal/store");
    private static final String PACKAGE = "dev.holdfast.wal.store.";

    @Test
    void explorerFindsNothingWithoutAMistake() throws Exception {
        assertThat(trial(Map.of()).get()).isEmpty();
    }

    @TestFactory
    Stream<DynamicTest> explorerFinds() {
        return MISTAKES.stream()
                .map(mistake -> DynamicTest.dynamicTest(mistake.what, () -> {
                    String source = Files.readString(SOURCES.resolve(mistake.file + ".java"), UTF_8);
                    Map<String, byte[]> patched =
                            Compiler.compile(Map.of(PACKAGE + mistake.file, mistake.applied(source)), List.of());
                    long start = System.nanoTime();
                    String found = trial(patched).get();
                    System.out.println((System.nanoTime() - start) / 1_000_000 + " ms: " + mistake.what + ": "
                            + found.lines().findFirst().orElse("NOT FOUND").replaceAll("^(.{100}).*", "$1"));
                    assertThat(found).as("found by the explorer").isNotEmpty();
                }));
    }

    @SuppressWarnings("unchecked") // the class has this type
    private static Supplier<String> trial(Map<String, byte[]> patched) throws ReflectiveOperationException {
        return (Supplier<String>) new OwnClasses(patched)
                .loadClass(PACKAGE + "StoreTrial")
                .getDeclaredConstructor()
                .newInstance();
    }

    /** Loads the classes of the store again, some of them patched. */
    private static final class OwnClasses extends ClassLoader {
        private final Map<String, byte[]> patched;

        OwnClasses(Map<String, byte[]> patched) {
            super(StoreMistakesTest.class.getClassLoader());
            this.patched = patched;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith(PACKAGE)) return super.loadClass(name, resolve);
            synchronized (getClassLoadingLock(name)) {
                Class<?> known = findLoadedClass(name);
                if (known != null) return known;
                byte[] bytes = patched.containsKey(name) ? patched.get(name) : read(name);
                return defineClass(name, bytes, 0, bytes.length);
            }
        }

        private static byte[] read(String name) throws ClassNotFoundException {
            String file = "/" + name.replace('.', '/') + ".class";
            try (InputStream in = StoreMistakesTest.class.getResourceAsStream(file)) {
                if (in == null) throw new ClassNotFoundException(name);
                return in.readAllBytes();
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
