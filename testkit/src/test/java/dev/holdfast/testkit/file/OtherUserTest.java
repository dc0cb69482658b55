package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.storage.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Opens a log as a user without some permissions. The open must be refused and must not change the log. Root has every
 * permission, so the tests run as user {@code nobody} if root runs them.
 */
@EnabledOnOs(OS.LINUX)
class OtherUserTest {
    private static final int RECORDS = 200;
    private static final long HANGING_SECONDS = 60;

    @TempDir
    Path parent;

    private final List<String> command = new ArrayList<>();
    private Path log;

    @BeforeEach
    void letTheOtherUserIn() throws Exception {
        log = parent.resolve("log");
        boolean root = System.getProperty("user.name").equals("root");
        assumeTrue(
                !root || Programs.succeeds("setpriv", "--version"),
                "setpriv is missing, which root needs to run as another user; install util-linux");
        if (root) {
            command.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // The other user must be able to read the classes, so they are copied.
        Path classes = parent.resolve("classes");
        copy(Path.of(ChildJvm.root(FileLog.class)), classes.resolve("core"));
        String name = OtherUserProcess.class.getName().replace('.', '/') + ".class";
        copy(
                Path.of(ChildJvm.root(OtherUserProcess.class)).resolve(name),
                classes.resolve("own").resolve(name));
        command.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-cp"));
        command.add(classes.resolve("core") + System.getProperty("path.separator") + classes.resolve("own"));
        command.add(OtherUserProcess.class.getName());
        permit(parent, "rwxr-xr-x");
        assumeTrue(say("read:" + parent).startsWith("NoSuchFile"), "the other user cannot run this JDK: " + command);
    }

    @Test
    void userWithoutPermissionIsRefusedAndChangesNothing() throws Exception {
        writeLog();
        Map<String, String> before = files();

        permit(log, "-wx--x--x");
        assertThat(say("read:" + log))
                .isEqualTo("AccessDeniedException " + log + ": reading this directory is not permitted");
        assertThat(say("write:" + log)).startsWith("AccessDeniedException").contains(log.toString());

        permit(log, "r-xr-xr-x");
        assertThat(say("write:" + log)).startsWith("AccessDeniedException").contains(log.toString());

        permit(log, "rwxrwxrwx");
        assertThat(say("write:" + log)).startsWith("AccessDeniedException").contains(log.toString());

        permit(log, "rwxr-xr-x");
        assertThat(files()).isEqualTo(before);
        try (Log again = FileLog.open(log)) {
            assertThat(again.lastId()).hasValue(RECORDS);
        }
    }

    @Test
    void userWithReadPermissionCanRead() throws Exception {
        writeLog();
        permitFiles("rw-r--r--");
        permit(log, "r-xr-xr-x");
        assertThat(say("read:" + log)).isEqualTo(RECORDS + " records");
        assertThat(say("write:" + log)).startsWith("AccessDeniedException").contains(log.toString());
    }

    @Test
    void unreadableFileIsNamed() throws Exception {
        writeLog();
        permitFiles("rw-rw-rw-");
        permit(log, "rwxrwxrwx");
        Path segment = segment();
        permit(segment, "-w-------");
        Map<String, String> before = files();
        assertThat(say("read:" + log)).startsWith("AccessDeniedException").contains(segment.toString());
        assertThat(say("write:" + log)).startsWith("AccessDeniedException").contains(segment.toString());
        permit(segment, "rw-------");
        assertThat(files()).containsAllEntriesOf(before);
        try (Log again = FileLog.open(log)) {
            assertThat(again.lastId()).hasValue(RECORDS);
        }
    }

    private void writeLog() throws IOException {
        try (Log fresh = FileLog.open(log)) {
            for (int i = 1; i <= RECORDS; i++) {
                fresh.append(new Stamp(i, 0).bytes(100));
            }
        }
    }

    private Path segment() throws IOException {
        try (Stream<Path> files = Files.list(log)) {
            return files.filter(file -> file.toString().endsWith(".seg"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Returns the bytes of each file as text, by name. */
    private Map<String, String> files() throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(log)) {
            for (Path file : files.toList()) {
                contents.put(file.toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return contents;
    }

    private String say(String argument) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(command);
        all.add(argument);
        Path output = parent.resolve("output.txt");
        Process process = new ProcessBuilder(all)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(HANGING_SECONDS, TimeUnit.SECONDS))
                    .as("the process ends")
                    .isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        return Files.readString(output).strip();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.createDirectories(copy.getParent());
                    Files.copy(file, copy);
                }
            }
        }
    }

    private static void permit(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private void permitFiles(String permissions) throws IOException {
        try (Stream<Path> files = Files.list(log)) {
            for (Path file : files.toList()) {
                permit(file, permissions);
            }
        }
    }
}
