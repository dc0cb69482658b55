package dev.holdfast.testkit.mistakes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** A copy of Holdfast with patches in its core, separate from the copy that runs the tests. */
public final class PatchedCore {
    /** Compiled files without mistakes, cached because many mistakes change the same files. */
    private static final Map<Map<String, String>, Map<String, byte[]>> COMPILED = new ConcurrentHashMap<>();

    private final Map<String, byte[]> replaced;

    private PatchedCore(Map<String, byte[]> replaced) {
        this.replaced = replaced;
    }

    /**
     * Compiles the core with mistakes.
     *
     * @param aids additional patches that make the mistakes observable
     * @throws AssertionError if a patch does not apply or does not compile, or if the mistakes do not change the
     *     compiled classes
     */
    public static PatchedCore with(List<Patch> mistakes, List<Patch> aids) {
        List<Patch> all = Stream.concat(mistakes.stream(), aids.stream()).toList();
        PatchedCore patched = new PatchedCore(Compiler.compile(CoreSources.of(all, all), List.of()));
        if (!mistakes.isEmpty() && !patched.differsFrom(without(all, aids))) {
            throw new AssertionError("the patches make no difference to the compiled classes: " + mistakes);
        }
        return patched;
    }

    /** Compiles the same files of the core in the same way, but without the mistakes. */
    public static PatchedCore without(List<Patch> mistakes, List<Patch> aids) {
        return new PatchedCore(COMPILED.computeIfAbsent(
                CoreSources.of(mistakes, aids), sources -> Compiler.compile(sources, List.of())));
    }

    private boolean differsFrom(PatchedCore other) {
        return !replaced.keySet().equals(other.replaced.keySet())
                || replaced.keySet().stream()
                        .anyMatch(name -> !Arrays.equals(replaced.get(name), other.replaced.get(name)));
    }

    /** Explores crashes like every build, up to the first failure: see {@link Exploration#apply}. */
    Optional<Found> explore(List<String> jobs, long enough) throws ReflectiveOperationException {
        BiFunction<List<String>, Long, Object[]> exploration = make(Exploration.class.getName());
        Object[] found = exploration.apply(jobs, enough);
        String failure = (String) found[2];
        return failure.isEmpty()
                ? Optional.empty()
                : Optional.of(new Found((String) found[0], (Long) found[1], failure));
    }

    /**
     * Creates an object of a class of this module. A separate class loader loads all of Holdfast's classes, with the
     * patched core.
     */
    @SuppressWarnings("unchecked") // the caller names a class that has this type
    public <T> T make(String className) throws ReflectiveOperationException {
        return (T) new OwnClasses(replaced)
                .loadClass(className)
                .getDeclaredConstructor()
                .newInstance();
    }

    /** Writes the classes that differ from the original core to a folder, for use in a class path. */
    public void writeTo(Path folder) throws IOException {
        for (Map.Entry<String, byte[]> replacement : replaced.entrySet()) {
            Path file = folder.resolve(replacement.getKey().replace('.', '/') + ".class");
            Files.createDirectories(file.getParent());
            Files.write(file, replacement.getValue());
        }
    }

    /**
     * Runs a test.
     *
     * @param name {@code package.Class#method}, a test of this module or of the core
     */
    Optional<Found> test(String name) throws ClassNotFoundException {
        String className = name.substring(0, name.indexOf('#'));
        Map<String, byte[]> classes = new TreeMap<>(replaced);
        classes.putAll(CoreTests.classes(className));
        FirstFailure first = new FirstFailure();
        launcher()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(DiscoverySelectors.selectMethod(
                                        new OwnClasses(classes).loadClass(className),
                                        name.substring(name.indexOf('#') + 1)))
                                .build(),
                        first);
        if (first.tests != 1) {
            throw new AssertionError("found no test " + name);
        }
        return Optional.ofNullable(first.found);
    }

    private static Launcher launcher() {
        return LauncherFactory.create(LauncherConfig.builder()
                .enableTestExecutionListenerAutoRegistration(false)
                .enableLauncherSessionListenerAutoRegistration(false)
                .enableLauncherDiscoveryListenerAutoRegistration(false)
                .enablePostDiscoveryFilterAutoRegistration(false)
                .build());
    }

    private static final class FirstFailure implements TestExecutionListener {
        private @Nullable Found found;
        private int tests;

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            tests += test.isTest() ? 1 : 0;
            if (found == null && result.getStatus() == TestExecutionResult.Status.FAILED) {
                String what = result.getThrowable().map(Throwable::toString).orElse("");
                found = new Found(test.getDisplayName(), 0, what);
            }
        }
    }
}
