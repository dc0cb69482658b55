package dev.holdfast.testkit.explorer;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** One step of a {@link Workload}. Printed as it is parsed. */
sealed interface Action {
    /** {@code append 10,20}: one batch of assigned ids, with records of these sizes. */
    record Append(List<Integer> sizes) implements Action {
        @Override
        public String toString() {
            return "append " + joined(sizes);
        }
    }

    /** {@code put 3 10,20}: one batch of explicit ids that begins so far behind the next id. */
    record Put(long jump, List<Integer> sizes) implements Action {
        @Override
        public String toString() {
            return "put " + jump + " " + joined(sizes);
        }
    }

    /** {@code async 10,20}: one batch whose future nobody waits for. */
    record Async(List<Integer> sizes) implements Action {
        @Override
        public String toString() {
            return "async " + joined(sizes);
        }
    }

    /** {@code truncate 2}: removes so many of the newest records; more than there are: all. */
    record Truncate(long count) implements Action {
        @Override
        public String toString() {
            return "truncate " + count;
        }
    }

    /** {@code trim 2}: removes so many of the oldest records. */
    record Trim(long count) implements Action {
        @Override
        public String toString() {
            return "trim " + count;
        }
    }

    /** {@code reset 7}: drops all records; the next id is so much greater. */
    record Reset(long jump) implements Action {
        @Override
        public String toString() {
            return "reset " + jump;
        }
    }

    /** {@code cut 5}: the power fails, chance from this seed decides what is left, and the log is opened again. */
    record PowerCut(long seed) implements Action {
        @Override
        public String toString() {
            return "cut " + seed;
        }
    }

    /** {@code follow 2}: a cursor that stays open, and begins so far behind the first record. */
    record Follow(long start) implements Action {
        @Override
        public String toString() {
            return "follow " + start;
        }
    }

    /** What needs no number. */
    enum Plain implements Action {
        /** Runs one writing task. */
        WRITE,
        /** Runs one completing task. */
        COMPLETE,
        /** Runs one maintaining task. */
        MAINTAIN,
        /** Lets the idle time pass. */
        IDLE,
        /** {@code Log.sync()}. */
        SYNC,
        /** Closes and opens. */
        REOPEN,
        /** Ends the process and opens. */
        KILL,
        /** Compares every record with what was appended. */
        CHECK,
        /** Moves the cursors that are open by one record each. */
        STEP,
        /** A second writer tries to open the log. */
        RIVAL,
        /** Opens the log read-only beside the writer. */
        PEEK;

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private static String joined(List<Integer> sizes) {
        return sizes.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    static Action parse(String text) {
        String[] words = text.trim().split(" +", -1);
        return switch (words[0]) {
            case "append" -> new Append(sizes(words[1]));
            case "put" -> new Put(Long.parseLong(words[1]), sizes(words[2]));
            case "async" -> new Async(sizes(words[1]));
            case "truncate" -> new Truncate(Long.parseLong(words[1]));
            case "trim" -> new Trim(Long.parseLong(words[1]));
            case "reset" -> new Reset(Long.parseLong(words[1]));
            case "follow" -> new Follow(Long.parseLong(words[1]));
            case "cut" -> new PowerCut(Long.parseLong(words[1]));
            default -> Plain.valueOf(words[0].toUpperCase(java.util.Locale.ROOT));
        };
    }

    private static List<Integer> sizes(String text) {
        return Arrays.stream(text.split(",", -1)).map(Integer::valueOf).toList();
    }
}
