package dev.holdfast.races;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jetbrains.lincheck.LincheckAssertionError;

/**
 * Runs a test of {@link LinearizabilityTest} in its own process, because Lincheck rewrites each class permanently when
 * it is loaded.
 */
final class HistoryTrial {
    private static final int MOST_RUNS = 10;
    private static final long HANGING_MINUTES = 4;

    private HistoryTrial() {}

    /**
     * Runs the test until it fails. Returns the failure, or empty.
     *
     * @param classes folder of classes that precede the class path
     */
    static Optional<String> run(String test, Path classes) throws IOException, InterruptedException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                classes + File.pathSeparator + System.getProperty("java.class.path"),
                HistoryTrial.class.getName(),
                test);
        Path output = classes.resolve("output.txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(HANGING_MINUTES, TimeUnit.MINUTES)) {
                return Optional.of("the test hangs");
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        String printed = Files.readString(output, UTF_8);
        return switch (process.exitValue()) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of(printed.substring(Math.max(0, printed.indexOf("= Invalid"))));
            default -> throw new AssertionError(printed);
        };
    }

    /** Argument: the name of a test. The exit code is 1 if the test fails. */
    public static void main(String[] arguments) throws ReflectiveOperationException {
        try {
            for (int i = 0; i < MOST_RUNS; i++) {
                LinearizabilityTest.class.getDeclaredMethod(arguments[0]).invoke(new LinearizabilityTest());
            }
        } catch (InvocationTargetException e) {
            System.out.println(e.getCause().getMessage());
            System.exit(e.getCause() instanceof LincheckAssertionError ? 1 : 2);
        }
        System.exit(0);
    }
}
