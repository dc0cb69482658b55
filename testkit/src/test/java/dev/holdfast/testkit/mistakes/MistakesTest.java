package dev.holdfast.testkit.mistakes;

import static dev.holdfast.testkit.mistakes.Patch.change;
import static dev.holdfast.testkit.mistakes.Patch.skip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests the tests. The core is compiled with one mistake at a time, and the tests that every build runs must fail.
 *
 * <p>A mistake that no test finds shows a gap in the tests. Close the gap with a better workload, check or test of
 * general use, never with a test made only for that mistake.
 */
@Tag("same-on-every-jdk")
class MistakesTest {
    private static final int THREADS = 2;
    private static final long HANGING_MINUTES = 10;

    /** Enough images to check the finders on a core without mistakes. Other tests run the whole campaign. */
    private static final long ENOUGH_WITHOUT_MISTAKES = 5_000;

    private static final Pattern SEAM = Pattern.compile("// seam: (.*)");

    private static final Pattern SEAM_IN_A_PATCH =
            Pattern.compile("\\b(?:skip|before|after|replace|change)\\(\\s*\"([a-z-]+)\"");

    private static final Map<Mistake, Future<Optional<Found>>> TRIALS = new EnumMap<>(Mistake.class);
    private static final ExecutorService EXECUTOR = Executors.newFixedThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "mistakes");
        thread.setDaemon(true);
        return thread;
    });

    @BeforeAll
    static void beginAll() {
        for (Mistake mistake : Mistake.values()) {
            TRIALS.put(mistake, EXECUTOR.submit(mistake::find));
        }
    }

    @AfterAll
    static void printAll() throws Exception {
        System.out.println("MistakesTest: mistake | found by | images | failure");
        for (Mistake mistake : Mistake.values()) {
            if (TRIALS.get(mistake).isDone()) {
                System.out.println(
                        mistake + " | " + outcome(mistake).map(Found::toString).orElse("not found"));
            }
        }
        EXECUTOR.shutdownNow();
    }

    private static Optional<Found> outcome(Mistake mistake) throws Exception {
        try {
            return TRIALS.get(mistake).get(HANGING_MINUTES, TimeUnit.MINUTES);
        } catch (TimeoutException e) {
            throw new AssertionError(mistake + " makes the tests hang; replace it by a mistake that does not", e);
        } catch (ExecutionException e) {
            throw new AssertionError(mistake + ": " + e.getCause().getMessage(), e.getCause());
        }
    }

    @ParameterizedTest
    @EnumSource
    void mistakeIsFound(Mistake mistake) throws Exception {
        assertThat(outcome(mistake))
                .as("no test of the normal build finds this mistake; the tests have a gap")
                .isPresent();
    }

    @Test
    void coreWithoutMistakesPasses() throws Exception {
        List<Patch> all = Arrays.stream(Mistake.values())
                .flatMap(mistake -> mistake.patches().stream())
                .toList();
        Set<Finder> others = new LinkedHashSet<>();
        List<String> jobs = new ArrayList<>();
        for (Mistake mistake : Mistake.values()) {
            Optional<Found> found = outcome(mistake);
            if (mistake.finder() instanceof Finder.InCampaign) {
                found.ifPresent(failed -> jobs.add(failed.by()));
            } else {
                others.add(mistake.finder());
            }
        }
        assertThat(PatchedCore.without(all, List.of()).explore(jobs, ENOUGH_WITHOUT_MISTAKES))
                .isEmpty();
        for (Finder finder : others) {
            assertThat(finder.look(PatchedCore.without(all, finder.aids()))).isEmpty();
        }
    }

    @Test
    void everySeamIsMarkedOnceAndUsed() throws IOException {
        Set<String> used = new TreeSet<>();
        Path tests = CoreSources.folder().resolveSibling("");
        for (String module : List.of("testkit", "races")) {
            try (Stream<Path> files = Files.walk(tests.resolve(module).resolve("src/test/java"))) {
                for (Path file :
                        files.filter(file -> file.toString().endsWith(".java")).toList()) {
                    SEAM_IN_A_PATCH.matcher(Files.readString(file)).results().forEach(use -> used.add(use.group(1)));
                }
            }
        }
        List<String> marked = CoreSources.all().values().stream()
                .flatMap(source -> SEAM.matcher(source).results())
                .map(mark -> mark.group(1))
                .sorted()
                .toList();
        assertThat(marked).doesNotHaveDuplicates().containsExactlyElementsOf(used);
    }

    @Test
    void patchOfAnUnknownSeamIsRefused() {
        assertThatThrownBy(() -> with(skip("NoSuchSeam"))).hasMessageContaining("it marks []");
    }

    @Test
    void patchWithoutExactlyOnePlaceIsRefused() {
        assertThatThrownBy(() -> with(change("segment-salt", "epochs", "")))
                .hasMessageContaining("must contain the text 'epochs' exactly once, but it is");
        assertThatThrownBy(() -> with(change("segment-salt", "a", ""))).hasMessageContaining("exactly once");
    }

    @Test
    void patchThatReplacesPartOfAStatementIsRefused() {
        assertThatThrownBy(() -> with(skip("tail-reopen"))).hasMessageContaining("must be a statement on one line");
    }

    @Test
    void patchWithoutEffectIsRefused() {
        assertThatThrownBy(() -> with(change("header-write", "writer", "writer")))
                .hasMessageContaining("changes nothing");
        assertThatThrownBy(() -> with(change("header-write", "writer", "(writer)")))
                .hasMessageContaining("no difference to the compiled classes");
    }

    @Test
    void patchThatDoesNotCompileIsRefused() {
        assertThatThrownBy(() -> with(change("header-write", "writer", "written")))
                .hasMessageContaining("does not compile");
    }

    private static PatchedCore with(Patch patch) {
        return PatchedCore.with(List.of(patch), List.of());
    }
}
