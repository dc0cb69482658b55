package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Creates damage of every kind and checks what an operator sees: the output of {@code verify}, {@code info} and
 * {@code cat}, and the effect of {@code repair}. {@code -Dholdfast.damages=100} sets the number of cases per kind.
 */
class DamageStoriesTest {
    private static final int ROUNDS = Integer.getInteger("holdfast.damages", 6);
    private static final int RECORDS = 220;
    private static final int SECTOR_BYTES = 512;
    private static final int PAGE_BYTES = 4096;
    private static final FileLogOptions OPTIONS = FileLogOptions.builder()
            .segmentBytes(16 << 10)
            .maxRecordBytes(4 << 10)
            .build();
    private static final Pattern NAMED_COMMAND = Pattern.compile("`holdfast ([^`]*)`");
    private static final Pattern SEGMENT = Pattern.compile("[0-9a-f]{8}-[0-9a-f]{16}\\.seg");

    @TempDir
    private Path parent;

    private final long seed = Long.getLong("holdfast.seed", new SplittableRandom().nextLong());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final Map<String, byte[]> whole = new TreeMap<>();
    private final Map<String, byte[]> older = new TreeMap<>();
    private final Map<String, byte[]> others = new TreeMap<>();
    private String told = "";

    /** The kinds of damage, as changes to the files of a log. */
    enum Damage {
        BIT_FLIPPED {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                byte[] bytes = files.get(log.any(files));
                bytes[log.random.nextInt(bytes.length)] ^= (byte) (1 << log.random.nextInt(Byte.SIZE));
            }
        },
        SECTOR_ZEROED {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                byte[] bytes = files.get(log.any(files));
                int at = log.piece(bytes, SECTOR_BYTES);
                Arrays.fill(bytes, at, at + SECTOR_BYTES, (byte) 0);
            }
        },
        SECTORS_SWAPPED_WITHIN_A_FILE {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                byte[] bytes = files.get(log.any(files));
                log.swap(bytes, bytes, SECTOR_BYTES);
            }
        },
        SECTORS_SWAPPED_BETWEEN_FILES {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                log.swap(files.get(log.any(files)), files.get(log.any(files)), SECTOR_BYTES);
            }
        },
        SECTOR_OLDER {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                log.putOlder(files, SECTOR_BYTES);
            }
        },
        PAGE_ZEROED {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                byte[] bytes = files.get(log.any(files));
                int at = log.piece(bytes, PAGE_BYTES);
                Arrays.fill(bytes, at, at + PAGE_BYTES, (byte) 0);
            }
        },
        PAGES_SWAPPED_WITHIN_A_FILE {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                byte[] bytes = files.get(log.any(files));
                log.swap(bytes, bytes, PAGE_BYTES);
            }
        },
        PAGES_SWAPPED_BETWEEN_FILES {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                log.swap(files.get(log.any(files)), files.get(log.any(files)), PAGE_BYTES);
            }
        },
        PAGE_OLDER {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                log.putOlder(files, PAGE_BYTES);
            }
        },
        FILE_CUT {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                files.computeIfPresent(
                        log.any(files), (name, bytes) -> Arrays.copyOf(bytes, log.random.nextInt(bytes.length)));
            }
        },
        ZEROS_APPENDED {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                files.computeIfPresent(
                        log.any(files),
                        (name, bytes) -> Arrays.copyOf(bytes, bytes.length + 1 + log.random.nextInt(5000)));
            }
        },
        RANDOM_APPENDED {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                String name = log.any(files);
                int length = files.get(name).length;
                byte[] longer = new byte[length + 1 + log.random.nextInt(5000)];
                log.random.nextBytes(longer);
                System.arraycopy(files.get(name), 0, longer, 0, length);
                files.put(name, longer);
            }
        },
        FILE_MISSING {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                files.remove(log.any(files));
            }
        },
        FILES_SWAPPED {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                String one = log.any(files);
                String other = log.any(files);
                byte[] bytes = files.get(one);
                files.put(one, files.get(other));
                files.put(other, bytes);
            }
        },
        FILE_DUPLICATED {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                String name = log.any(files);
                long epoch = 1 + log.random.nextInt(20);
                files.put(
                        String.format("%08x%s", epoch, name.substring(8)),
                        files.get(name).clone());
            }
        },
        FILE_OLDER {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                String name = log.anyOf(log.older);
                files.put(name, log.older.get(name).clone());
            }
        },
        FILE_OF_ANOTHER_LOG {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                String name = log.anyOf(log.others);
                files.put(name, log.others.get(name).clone());
            }
        },
        DIRECTORY_IN_PLACE_OF_A_FILE {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                files.put(log.any(files), DIRECTORY);
            }
        },
        TWO_AT_ONCE {
            @Override
            void to(DamageStoriesTest log, Map<String, byte[]> files) {
                BIT_FLIPPED.to(log, files);
                FILE_CUT.to(log, files);
            }
        };

        abstract void to(DamageStoriesTest log, Map<String, byte[]> files);
    }

    private static final byte[] DIRECTORY = {};

    /**
     * Creates a log of several segments that was closed twice, keeps its files as of the first close, and creates
     * another log.
     */
    @BeforeEach
    void makeLogs() throws IOException {
        System.out.println("DamageStoriesTest: rerun with -Dholdfast.seed=" + seed);
        Path log = parent.resolve("whole");
        append(log, 1, RECORDS / 2);
        older.putAll(read(log));
        append(log, RECORDS / 2 + 1, RECORDS);
        whole.putAll(read(log));
        Path other = parent.resolve("other");
        append(other, 1, RECORDS);
        others.putAll(read(other));
        assertThat(segments(whole)).hasSizeGreaterThan(5);
    }

    private static void append(Path log, int first, int last) throws IOException {
        try (FileLog to = FileLog.open(log, OPTIONS)) {
            for (int id = first; id <= last; id++) {
                to.append(record(id).getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    private static String record(int id) {
        return "record " + id + " " + "x".repeat(id * 37 % 700);
    }

    private static String records(int first, int last) {
        StringBuilder text = new StringBuilder();
        for (int id = first; id <= last; id++) {
            text.append(record(id)).append('\n');
        }
        return text.toString();
    }

    @ParameterizedTest
    @EnumSource(Damage.class)
    void damageIsReportedAndRepairedAsAnnounced(Damage damage) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Map<String, byte[]> files = new TreeMap<>();
            whole.forEach((name, bytes) -> files.put(name, bytes.clone()));
            damage.to(this, files);
            Path log = parent.resolve("log");
            write(log, files);
            told = damage + ", round " + round + ", seed " + seed + ": ";
            try {
                if (round == 0) {
                    assertProcessesPrintTheSame(log);
                }
                inspect(log);
            } catch (AssertionError e) {
                throw new AssertionError(told + e.getMessage(), e);
            } finally {
                remove(log);
            }
        }
    }

    /** Runs the commands as processes of their own, and checks that they print the same and have the same exit code. */
    private static void assertProcessesPrintTheSame(Path log) throws IOException, InterruptedException {
        for (String command : List.of("verify", "info", "cat")) {
            Tool.Result inside = run(command, log);
            Tool.Result alone = Tool.runProcess(new byte[0], command, log);
            assertThat(alone.outText()).as(command).isEqualTo(inside.outText());
            assertThat(alone.err()).as(command).isEqualTo(inside.err());
            assertThat(alone.exitCode()).as(command).isEqualTo(inside.exitCode());
        }
    }

    private void inspect(Path log) throws IOException {
        Map<String, String> before = digest(log);
        Tool.Result verified = run("verify", log, "--json");
        Tool.Result info = run("info", log);
        Tool.Result shown = run("cat", log);
        assertThat(records(1, RECORDS)).startsWith(shown.outText());
        assertThat(verified.exitCode()).isIn(0, 1);
        if (verified.exitCode() == 0) {
            assertThat(verified.outText()).contains("\"damages\":[]");
            assertThat(info.exitCode()).isZero();
            assertThat(shown.exitCode()).isZero();
            assertThat(shown.outText()).isEqualTo(records(1, RECORDS));
        } else {
            assertThat(shown.exitCode() == 0).isEqualTo(shown.outText().equals(records(1, RECORDS)));
            assertFindingsAreComplete(log, verified.outText());
        }
        assertThat(digest(log)).as("files after commands that only read").isEqualTo(before);
        if (verified.exitCode() == 1) {
            repair(log);
        }
        Tool.Result opened = Tool.run(new byte[0], "append", log);
        assertThat(opened.exitCode()).as(opened.err()).isZero();
    }

    /** Checks that each finding has its place, its records, and a remedy with a command that can be typed. */
    private void assertFindingsAreComplete(Path log, String json) {
        Matcher findings = Pattern.compile("\\{\"file\":\"([^\"]+)\",\"offset\":(\\d+),\"firstIdAtRisk\":(\\d+),"
                        + "\"lastIdAtRisk\":(\\d+|null),\"message\":\"((?:[^\"\\\\]|\\\\.)+)\"}")
                .matcher(json);
        int count = 0;
        while (findings.find()) {
            count++;
            String message = findings.group(5);
            assertThat(message).contains("holdfast repair <dir> --drop-from ");
            Matcher commands = NAMED_COMMAND.matcher(message);
            while (commands.find()) {
                String[] words =
                        commands.group(1).replace("<dir>", log.toString()).split(" ");
                assertThat(Main.commandLine(new HoldfastCommand(), Streams.ofProcess())
                                .parseArgs(words)
                                .hasSubcommand())
                        .as(message)
                        .isTrue();
            }
            if (!findings.group(4).equals("null")) {
                assertThat(Long.parseLong(findings.group(4))).isGreaterThanOrEqualTo(Long.parseLong(findings.group(3)));
            }
        }
        assertThat(json).contains("\"damagedPlaces\":" + count + ",");
        assertThat(count).isPositive();
        assertThat(run("verify", log).outText())
                .contains("damage " + count + ": ", "  offset: ", "  records at risk: ");
    }

    private void repair(Path log) throws IOException {
        Tool.Result refused = run("repair", log, "--drop-from", RECORDS + 1000);
        String most = refused.err().replaceAll("(?s).*--drop-from can be (\\d+) at most.*", "$1");
        assertThat(most).as(refused.err()).matches("\\d+");
        int dropFrom = Integer.parseInt(most);
        assertThat(dropFrom).isLessThanOrEqualTo(RECORDS + 1);
        Map<String, byte[]> before = read(log);
        Tool.Result foretold = run("repair", log, "--drop-from", dropFrom, "--json");
        assertThat(foretold.exitCode()).as(foretold.err()).isZero();
        assertThat(digest(before)).isEqualTo(digest(log));
        Tool.Result done = run("repair", log, "--drop-from", dropFrom, "--apply", "--json");
        assertThat(done.exitCode()).as(done.err()).isZero();
        assertThat(done.outText())
                .isEqualTo(foretold.outText().replace("\"applied\":false", "\"applied\":true"))
                .contains("\"applied\":true", "\"nextId\":" + dropFrom + ",");
        assertFiles(before, read(log), done.outText());

        boolean some = !done.outText().contains("\"lastId\":null");
        int first = some ? Integer.parseInt(done.outText().replaceAll("(?s).*\"firstId\":(\\d+).*", "$1")) : 1;
        int last = some ? Integer.parseInt(done.outText().replaceAll("(?s).*\"lastId\":(\\d+).*", "$1")) : 0;
        assertThat(last).isEqualTo(some ? dropFrom - 1 : 0);
        Tool.Result verified = run("verify", log);
        assertThat(verified.exitCode()).as(verified.outText()).isZero();
        assertThat(run("cat", log).outText()).isEqualTo(records(first, last));
        assertThat(run("info", log).outText()).contains("ended: closed\n", "next id: " + dropFrom + "\n");
        assertThat(run("repair", log, "--drop-from", dropFrom).outText()).contains("nothing to do: yes\n");
    }

    /** Checks that each announced change to a file was made, and that no byte of a segment is lost. */
    private static void assertFiles(Map<String, byte[]> before, Map<String, byte[]> after, String json) {
        Matcher files = Pattern.compile("\\{\"file\":\"([^\"]+)\",\"action\":\"([a-z]+)\"}")
                .matcher(json);
        Map<String, String> actions = new TreeMap<>();
        while (files.find()) {
            actions.put(files.group(1), files.group(2));
        }
        before.forEach((name, bytes) -> {
            if (SEGMENT.matcher(name).matches()) {
                switch (actions.getOrDefault(name, "stays")) {
                    case "aside", "copied" -> {
                        assertThat(after).doesNotContainKey(name);
                        assertSame(json, name, after.getOrDefault(name + ".damaged", DIRECTORY), bytes);
                    }
                    case "resealed", "cut" -> {
                        int footer = Math.max(0, footerOffset(bytes.length));
                        byte[] now = after.getOrDefault(name, DIRECTORY);
                        assertThat(now).as(name).hasSameSizeAs(bytes);
                        assertSame(json, name, Arrays.copyOf(now, footer), Arrays.copyOf(bytes, footer));
                    }
                    default -> assertSame(json, name, after.getOrDefault(name, DIRECTORY), bytes);
                }
            }
        });
        assertThat(before.keySet()).containsAll(actions.keySet());
    }

    /** Computed as in docs/format.md. */
    private static int footerOffset(int length) {
        return (length - (40 + 32 + 12 * (length / 65536 + 2))) / 8 * 8;
    }

    private static void assertSame(String json, String name, byte[] after, byte[] before) {
        int at = Arrays.mismatch(after, before);
        assertThat(at)
                .as(
                        "%s has %d bytes, had %d, and differs from byte %d: %s",
                        name, after.length, before.length, at, json)
                .isNegative();
    }

    private static Tool.Result run(Object... arguments) {
        Tool.Result result = Tool.run(arguments);
        assertThat(result.err()).doesNotContain("internal error");
        assertThat(result.err().lines().count()).isEqualTo(result.exitCode() == 0 ? 0 : 1);
        return result;
    }

    private String any(Map<String, byte[]> files) {
        List<String> names = segments(files).stream()
                .filter(name -> files.get(name).length >= 2 * PAGE_BYTES)
                .toList();
        return names.get(random.nextInt(names.size()));
    }

    private String anyOf(Map<String, byte[]> files) {
        List<String> names = segments(files);
        return names.get(random.nextInt(names.size()));
    }

    private static List<String> segments(Map<String, byte[]> files) {
        return files.keySet().stream()
                .filter(name -> SEGMENT.matcher(name).matches())
                .toList();
    }

    private int piece(byte[] bytes, int size) {
        return random.nextInt(bytes.length / size) * size;
    }

    private void swap(byte[] one, byte[] other, int size) {
        int at = piece(one, size);
        int otherAt = piece(other, size);
        byte[] piece = Arrays.copyOfRange(one, at, at + size);
        System.arraycopy(other, otherAt, one, at, size);
        System.arraycopy(piece, 0, other, otherAt, size);
    }

    private void putOlder(Map<String, byte[]> files, int size) {
        String name = anyOf(older);
        byte[] bytes = files.get(name);
        if (bytes != null) {
            int at = piece(bytes, size);
            System.arraycopy(older.get(name), at, bytes, at, size);
        }
    }

    private static void write(Path log, Map<String, byte[]> files) throws IOException {
        Files.createDirectory(log);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = log.resolve(file.getKey());
            if (file.getValue() == DIRECTORY) {
                Files.createDirectory(path);
            } else {
                Files.write(path, file.getValue());
            }
        }
    }

    private static Map<String, byte[]> read(Path log) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(log)) {
            for (Path file : all.toList()) {
                boolean directory = Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS);
                files.put(file.getFileName().toString(), directory ? DIRECTORY : Files.readAllBytes(file));
            }
        }
        return files;
    }

    private static Map<String, String> digest(Path log) throws IOException {
        return digest(read(log));
    }

    private static Map<String, String> digest(Map<String, byte[]> files) {
        Map<String, String> digests = new TreeMap<>();
        files.forEach((name, bytes) -> digests.put(name, bytes.length + " " + Arrays.hashCode(bytes)));
        return digests;
    }

    private static void remove(Path log) throws IOException {
        try (Stream<Path> all = Files.walk(log)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
