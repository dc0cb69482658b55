package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.commit.LogSettings;
import java.io.PrintStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Command line of the crash explorer; {@code --help} prints the usage. The exit code is 0 if nothing failed, 1 at the
 * first failure, and 2 if the command line is invalid.
 */
public final class Main {
    private static final String USAGE = """
            usage: java -cp core/target/classes:testkit/target/classes dev.holdfast.testkit.explorer.Main [OPTION VALUE]...

            Crashes a log at every step and checks its contents afterwards. The exit code is 0 if nothing failed,
            1 at the first failure, and 2 if the command line is invalid.

              --replay TEXT       repeats one failure and prints the disk operations that lead to it
              --images N          runs random workloads until N distinct exhaustive images were explored
              --threads N         number of threads with --images; default: one per processor
              --seed N            the first seed; default: 1
              --runs N            number of seeds; default: 100
              --workload SCRIPT   the workload; default: a random workload for each seed
              --actions N         number of actions of a random workload; default: 20
              --features A,B      features of a random workload; default: all
              --settings A,B,..   the six numbers of LogSettings, 1 or 0 for the flag; default: several, small
              --kind KIND         failures in addition to crashes: errors, no_space, small_disk, read_errors or damage
              --effort E          quick, usual or thorough; default: usual
              --shrink N          after a failure, tries up to N shorter workloads that fail too
              --help              prints this help
            """;

    private static final int MOST_TYPOS = 3;

    private final Subject subject = new StoredLogSubject();
    private final PrintStream out;
    private long seed = 1;
    private long runs = 100;
    private int actions = 20;
    private int tries;
    private Effort effort = Effort.USUAL;
    private EnumSet<Workload.Feature> features = EnumSet.allOf(Workload.Feature.class);
    private @Nullable String replay;
    private @Nullable Workload workload;
    private @Nullable LogSettings settings;
    private Job.Kind kind = Job.Kind.CRASHES;
    private long images;
    private int threads = Runtime.getRuntime().availableProcessors();

    private Main(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    static int run(String[] arguments, PrintStream out, PrintStream err) {
        Main main = new Main(out);
        Deque<String> words = new ArrayDeque<>(Arrays.asList(arguments));
        if (words.contains("--help") || words.contains("-h")) {
            out.print(USAGE);
            return 0;
        }
        while (!words.isEmpty()) {
            String option = words.remove();
            try {
                main.set(option, words);
            } catch (IllegalArgumentException e) {
                err.println(e.getMessage() + " (see --help)");
                return 2;
            }
        }
        return main.run();
    }

    private int run() {
        Explorer explorer = new Explorer(subject, effort);
        try {
            if (replay != null) {
                explorer.replay(replay, out);
            } else if (images > 0) {
                out.println(Campaign.random(seed, Integer.MAX_VALUE).run(subject, threads, images));
            } else {
                explore(explorer);
            }
            out.println("no failure");
            return 0;
        } catch (CrashFailure e) {
            out.println(e.getMessage());
            if (e.getCause() != null) {
                e.getCause().printStackTrace(out);
            }
            if (tries > 0) {
                out.println("looking for a shorter workload that fails too");
                out.println(new Shrinker(subject, effort, tries).shrink(e).getMessage());
            }
            return 1;
        } finally {
            if (explorer.statistics().images() > 0) {
                out.println(explorer.statistics());
            }
        }
    }

    private void set(String option, Deque<String> words) {
        List<String> options = options();
        if (!options.contains(option)) {
            throw new IllegalArgumentException("unknown option '" + option + "'" + suggestion(option, options));
        }
        String word = words.poll();
        if (word == null) {
            throw new IllegalArgumentException("missing value after " + option);
        }
        try {
            set(option, word);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "invalid value for " + option + ": '" + word + "': " + e.getMessage(), e);
        }
    }

    private void set(String option, String word) {
        switch (option) {
            case "--replay" -> {
                Replay unused = Replay.parse(word);
                replay = word;
            }
            case "--seed" -> seed = Long.parseLong(word);
            case "--runs" -> runs = Long.parseLong(word);
            case "--workload" -> workload = Workload.parse(word);
            case "--actions" -> actions = Integer.parseInt(word);
            case "--features" -> features = features(word);
            case "--settings" -> settings = Replay.settings(word);
            case "--kind" -> kind = Job.Kind.valueOf(word.toUpperCase(Locale.ROOT));
            case "--images" -> images = Long.parseLong(word);
            case "--threads" -> threads = Integer.parseInt(word);
            case "--shrink" -> tries = Integer.parseInt(word);
            case "--effort" -> effort = effort(word);
            default -> throw new AssertionError(option);
        }
    }

    private static Effort effort(String word) {
        return switch (word) {
            case "quick" -> Effort.QUICK;
            case "usual" -> Effort.USUAL;
            case "thorough" -> Effort.THOROUGH;
            default -> throw new IllegalArgumentException("expected quick, usual or thorough");
        };
    }

    /** Returns the options that the usage names. */
    private static List<String> options() {
        return USAGE.lines()
                .map(String::strip)
                .filter(line -> line.startsWith("--"))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .toList();
    }

    private static String suggestion(String option, List<String> options) {
        return options.stream()
                .filter(each -> distance(each, option) <= MOST_TYPOS)
                .min(Comparator.comparingInt(each -> distance(each, option)))
                .map(each -> "; did you mean " + each + "?")
                .orElse("");
    }

    /**
     * Returns the edit distance: the number of characters to insert, remove or replace to turn one text into the other.
     */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }

    private static EnumSet<Workload.Feature> features(String words) {
        EnumSet<Workload.Feature> features = EnumSet.noneOf(Workload.Feature.class);
        for (String word : words.split(",", -1)) {
            if (!word.isBlank()) {
                features.add(Workload.Feature.valueOf(word.toUpperCase(Locale.ROOT)));
            }
        }
        return features;
    }

    private void explore(Explorer explorer) {
        for (long n = seed; n < seed + runs; n++) {
            Workload drawn = workload == null ? Workload.random(n, actions, features) : workload;
            LogSettings with = settings == null ? smallSettings(n) : settings;
            explorer.explore(new Job(kind.toString(), n, with, drawn, kind));
        }
    }

    /**
     * Returns settings that vary with {@code number}: segments of 8, 16 or 32 KiB, groups aligned to 8 bytes or 4 KiB,
     * with or without a sync of each group. From 32 KiB on, a log that grows in bulk has segments with holes.
     */
    static LogSettings smallSettings(long number) {
        int segmentBytes = (number & 1) == 0 ? 8192 : number % 3 == 0 ? 32768 : 16384;
        int firstSegmentBytes = segmentBytes == 32768 && (number & 2) == 0 ? 32768 : 8192;
        int alignment = (number & 6) == 0 ? 4096 : 8;
        boolean syncEachGroup = (number & 24) != 0;
        return new LogSettings(segmentBytes, firstSegmentBytes, 16384, 1 << 20, syncEachGroup, alignment);
    }
}
