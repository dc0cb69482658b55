package dev.holdfast.testkit.explorer;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One action of a {@link Workload}. {@code toString()} returns the text that the workload's script contains for the
 * action.
 */
sealed interface Action {
    /** {@code append 10,20}: appends one batch of records of these sizes. The log assigns the ids. */
    record Append(List<Integer> sizes) implements Action {
        @Override
        public String toString() {
            return "append " + joined(sizes);
        }
    }

    /** {@code put 3 10,20}: appends one batch with explicit ids, the first being {@code nextId() + 3}. */
    record Put(long jump, List<Integer> sizes) implements Action {
        @Override
        public String toString() {
            return "put " + jump + " " + joined(sizes);
        }
    }

    /** {@code async 10,20}: appends one batch asynchronously and does not wait for its future. */
    record Async(List<Integer> sizes) implements Action {
        @Override
        public String toString() {
            return "async " + joined(sizes);
        }
    }

    /** {@code truncate 2}: removes the 2 newest records, or all records if there are fewer. */
    record Truncate(long count) implements Action {
        @Override
        public String toString() {
            return "truncate " + count;
        }
    }

    /** {@code trim 2}: removes the 2 oldest records. */
    record Trim(long count) implements Action {
        @Override
        public String toString() {
            return "trim " + count;
        }
    }

    /** {@code reset 7}: removes all records and raises the next id by 7. */
    record Reset(long jump) implements Action {
        @Override
        public String toString() {
            return "reset " + jump;
        }
    }

    /** {@code cut 5}: the power fails and the log is opened again. Seed 5 decides which unsynced changes survive. */
    record PowerCut(long seed) implements Action {
        @Override
        public String toString() {
            return "cut " + seed;
        }
    }

    /** {@code follow 2}: opens a cursor that stays open. Its start id is the first id plus 2. */
    record Follow(long start) implements Action {
        @Override
        public String toString() {
            return "follow " + start;
        }
    }

    /** Actions without a parameter. */
    enum Plain implements Action {
        /** Runs one writing task of the log. */
        WRITE,
        /** Runs one completing task of the log. */
        COMPLETE,
        /** Runs one maintaining task of the log. */
        MAINTAIN,
        /** Lets the removal of dead files wait among the maintaining tasks, until the log is opened again. */
        DELAY,
        /** Lets the idle time pass. */
        IDLE,
        /** Calls {@code Log.sync()}. */
        SYNC,
        /** Closes the log and opens it again. */
        REOPEN,
        /** Kills the process and opens the log again. */
        KILL,
        /** Compares every record with the appended bytes. */
        CHECK,
        /** Moves every open cursor by one record. */
        STEP,
        /** Checks that a second writer cannot open the log. */
        RIVAL,
        /** Opens the log read-only while the writer has it open. */
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
