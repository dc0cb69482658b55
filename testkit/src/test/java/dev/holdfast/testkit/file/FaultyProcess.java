package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * Main class of a process that runs a log on command while a tracer makes its system calls fail. Once the system calls
 * work again, the process checks the log on command. It loads all classes at the start, because loading might fail
 * later.
 */
final class FaultyProcess {
    private static final FileLogOptions SMALL =
            FileLogOptions.builder().segmentBytes(16 << 10).build();

    /** Packages whose exceptions a caller can name. */
    private static final Set<String> EXPORTED = Set.of("java.io", "java.nio.file", "dev.holdfast.wal");

    private final Path directory;
    private final Expected expected = new Expected();
    private Throwable failure = new IOException("none");
    private String outcome = "nothing failed";

    private FaultyProcess(Path directory) {
        this.directory = directory;
    }

    /**
     * Returns a directory that exists once a run is over. The test cannot rely on printed lines, because printing may
     * fail.
     */
    static Path lived(Path directory) {
        return directory.resolveSibling(directory.getFileName() + ".lived");
    }

    /**
     * Commands: {@code live DIRECTORY} runs a log and then creates {@link #lived}; {@code check} checks the last run
     * and prints the result.
     */
    public static void main(String[] arguments) throws Exception {
        loadAll();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        FaultyProcess life = new FaultyProcess(Path.of(arguments[0]));
        life.live();
        life.check();
        System.out.println("ready");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.startsWith("live ")) {
                life = new FaultyProcess(Path.of(line.substring(5)));
                life.live();
                Files.createDirectory(lived(life.directory));
            } else {
                System.out.println(life.checked());
            }
        }
    }

    static void loadAll() throws IOException, ClassNotFoundException {
        for (String file : files(Path.of(ChildJvm.root(FileLog.class)))) {
            if (file.endsWith(".class") && !file.endsWith("-info.class")) {
                Class.forName(
                        file.substring(0, file.length() - ".class".length()).replace('/', '.'));
            }
        }
        new LogFailedException("loaded", new FileSystemException("loaded"))
                .printStackTrace(new PrintWriter(new StringWriter()));
    }

    /** Lists the files of a directory or a jar. */
    private static List<String> files(Path root) throws IOException {
        if (Files.isRegularFile(root)) {
            try (JarFile jar = new JarFile(root.toFile())) {
                return jar.stream().map(JarEntry::getName).toList();
            }
        }
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(file -> root.relativize(file).toString()).toList();
        }
    }

    /** Runs a log. Prints nothing, because printing is a system call too. */
    private void live() {
        try {
            FileLog log = FileLog.open(directory, SMALL);
            try {
                work(log);
                log.close();
            } catch (IOException e) {
                failed(log, e);
            }
        } catch (Throwable e) {
            outcome = "not opened";
            failure = e;
        }
    }

    private void work(FileLog log) throws IOException {
        for (int i = 0; i < 12; i++) {
            expected.append(log, 900, 300);
            expected.append(log, 2000);
        }
        expected.truncate(log, expected.lastId() - 5);
        expected.append(log, 1000);
        expected.trim(log, expected.records().get(12).id());
        expected.append(log, 700, 700, 700);
    }

    private void failed(FileLog log, IOException e) {
        failure = e;
        outcome = "failed";
        try {
            if (e instanceof LogFailedException && log.stats().state() == LogStats.State.FAILED) {
                assertThat(AllRecords.of(log)).isIn(expected.records(), expected.attempted());
                assertThatThrownBy(() -> log.append(new byte[30])).isInstanceOf(LogFailedException.class);
                assertThatThrownBy(log::sync).isInstanceOf(LogFailedException.class);
            } else {
                outcome = "refused";
            }
        } catch (Throwable wrong) {
            failure = wrong;
        } finally {
            try {
                log.close();
            } catch (IOException again) {
                failure.addSuppressed(again);
            }
        }
    }

    private String checked() {
        try {
            check();
            return "right: " + outcome
                    + (outcome.equals("nothing failed")
                            ? ""
                            : " " + failure.getClass().getSimpleName());
        } catch (Throwable e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            return "wrong: " + trace.toString().replace('\n', ' ');
        }
    }

    /**
     * Checks that no acknowledged record is lost, that the failed call took effect completely or not at all, and that
     * the log can be used again.
     */
    private void check() throws Exception {
        if (!(failure instanceof IOException)
                || !EXPORTED.contains(failure.getClass().getPackageName())) {
            throw new AssertionError("the call threw an undeclared exception", failure);
        }
        List<LogRecord> found;
        try (FileLog log = FileLog.open(directory, SMALL)) {
            found = AllRecords.of(log);
            assertThat(found).isIn(expected.records(), expected.attempted());
        }
        try (FileLog log = FileLog.open(directory, SMALL)) {
            assertThat(AllRecords.of(log)).isEqualTo(found);
            long next = log.nextId();
            assertThat(log.append(new byte[40])).isEqualTo(next);
        }
    }
}
