package dev.holdfast.jraft.example;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares the acknowledged writes with the writes that the nodes applied. It knows nothing of Raft and checks that
 * every acknowledged write is on every node exactly once; that all nodes have the same order; that no node has a write
 * that no client sent; and that a write acknowledged before another was sent precedes it.
 */
final class Checker {
    private Checker() {}

    /** Returns the violations, or an empty list if there are none. */
    static List<String> check(Map<String, History.Write> history, List<List<String>> nodes) {
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            checkNode(i, history, nodes.get(i), wrong);
            int differs = firstDifference(nodes.get(0), nodes.get(i));
            if (differs >= 0) {
                wrong.add("nodes 0 and " + i + " differ at write " + differs);
            }
        }
        return wrong;
    }

    private static void checkNode(
            int node, Map<String, History.Write> history, List<String> applied, List<String> wrong) {
        Set<String> seen = new HashSet<>();
        long latestAsked = -1;
        for (String write : applied) {
            History.Write known = history.get(write);
            if (known == null) {
                wrong.add("node " + node + " has " + write + ", for which nobody asked");
                continue;
            }
            if (!seen.add(write)) {
                wrong.add("node " + node + " has " + write + " twice");
            }
            if (known.acknowledgedAt() < latestAsked) {
                wrong.add("node " + node + " has " + write
                        + " behind a write that was asked for after it was acknowledged");
            }
            latestAsked = Math.max(latestAsked, known.askedAt());
        }
        history.forEach((write, known) -> {
            if (known.acknowledgedAt() != History.NEVER && !seen.contains(write)) {
                wrong.add("node " + node + " lost " + write);
            }
        });
    }

    private static int firstDifference(List<String> one, List<String> other) {
        int common = Math.min(one.size(), other.size());
        for (int i = 0; i < common; i++) {
            if (!one.get(i).equals(other.get(i))) {
                return i;
            }
        }
        return one.size() == other.size() ? -1 : common;
    }
}
