package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.entity.LogEntry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Repeatedly kills a process that appends, truncates and resets. Every change that it reported as done must survive,
 * and the change in flight must be complete or absent.
 */
class KillTest {
    private static final int KILLS = Integer.getInteger("holdfast.jraft.kills", 12);

    @TempDir
    Path parent;

    private final long seed = Long.getLong("holdfast.seed", new Random().nextLong());

    @Test
    void acknowledgedChangesSurviveAKill() throws Exception {
        System.out.println("KillTest: rerun with -Dholdfast.seed=" + seed);
        Path path = parent.resolve("log");
        Model model = Model.empty();
        int done = 0;
        for (int round = 0; round < KILLS; round++) {
            SplittableRandom random = new SplittableRandom(seed + round);
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Worker.class.getName(),
                            path.toString(),
                            Long.toString(random.nextLong()))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            Model between = model;
            Model then = model;
            try (BufferedReader words =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
                int until = random.nextInt(60);
                int heard = 0;
                for (String word = words.readLine(); word != null; word = words.readLine()) {
                    if (word.equals("done")) {
                        model = then;
                        between = then;
                        done++;
                    } else {
                        then = Order.parse(word).of(model);
                        between = Order.parse(word).between(model);
                    }
                    if (heard++ == until) {
                        // Like kill -9. The output that it had written remains readable.
                        process.toHandle().destroyForcibly();
                    }
                }
            } finally {
                process.destroyForcibly();
            }
            assertThat(process.waitFor()).as("killed").isNotZero();
            model = check(path, round, model, between, then);
        }
        assertThat(done).isGreaterThan(KILLS);
    }

    private Model check(Path path, int round, Model before, Model between, Model then) {
        try (StorageUnderTest storage = new StorageUnderTest(new HoldfastServiceFactory(64 << 10), path)) {
            Model found = shown(storage);
            assertThat(found).as("round " + round + " of seed " + seed).isIn(before, between, then);
            List<String> configurations = new ArrayList<>();
            found.entries().forEach((index, content) -> {
                if (content.startsWith("C")) {
                    configurations.add(index + "@" + content.substring(1) + ":127.0.0.1:" + (index % 1000 + 1));
                }
            });
            assertThat(storage.configurations(found.next() + 10)).isEqualTo(configurations);
            return found;
        }
    }

    private static Model shown(StorageUnderTest storage) {
        TreeMap<Long, String> entries = new TreeMap<>();
        for (long index = storage.get().getFirstLogIndex();
                index <= storage.get().getLastLogIndex();
                index++) {
            LogEntry entry = storage.get().getEntry(index);
            if (entry != null) {
                entries.put(index, content(entry));
                assertThat(entry).isEqualTo(entry(index, content(entry)));
            }
        }
        return new Model(storage.get().getFirstLogIndex(), entries);
    }

    private static String content(LogEntry entry) {
        return switch (entry.getType()) {
                    case ENTRY_TYPE_CONFIGURATION -> "C";
                    case ENTRY_TYPE_DATA -> entry.getData().remaining() > 1_000_000 ? "L" : "D";
                    default -> "N";
                }
                + entry.getId().getTerm();
    }

    private static LogEntry entry(long index, String content) {
        long term = Long.parseLong(content.substring(1));
        return switch (content.charAt(0)) {
            case 'C' -> Entries.configuration(index, term, (int) (index % 1000 + 1));
            case 'L' -> Entries.data(index, term, 1_500_000);
            case 'D' -> Entries.data(index, term);
            default -> Entries.noOp(index, term);
        };
    }

    /** One change, in the form in which it is sent through a pipe. */
    private record Order(String what, long index, String contents) {
        static Order parse(String word) {
            String[] parts = word.split(" ", -1);
            return new Order(parts[0], Long.parseLong(parts[1]), parts[2]);
        }

        private List<String> list() {
            return List.of(contents.split(","));
        }

        Model of(Model before) {
            return switch (what) {
                case "append" -> before.append(index, list());
                case "prefix" -> before.cutPrefix(index);
                case "suffix" -> before.cutSuffix(index);
                default -> before.reset(index, "N0");
            };
        }

        Model between(Model before) {
            return what.equals("append") && index < before.next() ? before.cutSuffix(index - 1) : before;
        }

        boolean make(StorageUnderTest storage) {
            switch (what) {
                case "append" -> {
                    List<LogEntry> entries = new ArrayList<>();
                    for (String content : list()) {
                        entries.add(entry(index + entries.size(), content));
                    }
                    return storage.get().appendEntries(entries) == list().size();
                }
                case "prefix" -> {
                    return storage.get().truncatePrefix(index);
                }
                case "suffix" -> {
                    return storage.get().truncateSuffix(index);
                }
                default -> {
                    return storage.get().reset(index);
                }
            }
        }

        @Override
        public String toString() {
            return what + " " + index + " " + contents;
        }
    }

    /** Main class of the process that is killed. */
    static final class Worker {
        private Worker() {}

        public static void main(String[] arguments) throws IOException {
            SplittableRandom random = new SplittableRandom(Long.parseLong(arguments[1]));
            try (StorageUnderTest storage =
                    new StorageUnderTest(new HoldfastServiceFactory(64 << 10), Path.of(arguments[0]))) {
                for (int i = 1; ; i++) {
                    long first = storage.get().getFirstLogIndex();
                    long last = Math.max(storage.get().getLastLogIndex(), first - 1);
                    Order order = order(random, i, first, last);
                    System.out.println(order);
                    if (!order.make(storage)) {
                        throw new IOException("refused: " + order);
                    }
                    System.out.println("done");
                }
            }
        }

        private static Order order(SplittableRandom random, int term, long first, long last) {
            int kind = last - first < 5 ? 9 : random.nextInt(20);
            return switch (kind) {
                case 0, 1, 2 -> new Order("prefix", random.nextLong(first, last + (kind == 0 ? 8 : 1)), "-");
                case 3, 4 -> new Order("suffix", random.nextLong(first - 1, last + 1), "-");
                case 5 -> new Order("reset", random.nextLong(first, last + 8), "-");
                default -> {
                    long index = kind == 6 ? random.nextLong(first, last + 1) : last + 1;
                    List<String> contents = new ArrayList<>(Collections.nCopies(1 + random.nextInt(12), "D" + term));
                    if (random.nextInt(3) == 0) {
                        contents.set(random.nextInt(contents.size()), (random.nextInt(6) == 0 ? "L" : "C") + term);
                    }
                    yield new Order("append", index, String.join(",", contents));
                }
            };
        }
    }
}
