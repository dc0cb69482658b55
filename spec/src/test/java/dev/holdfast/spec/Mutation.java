package dev.holdfast.spec;

import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * A mistake in a module, as a replacement of a part of its text.
 *
 * @param mistake what the changed module does
 * @param bounds the bounds of the search within which TLC finds the mistake
 * @param broken the promises that the first bad state breaks, and no others; or "stuck" if somebody waits and nothing
 *     more can happen
 */
record Mutation(String mistake, String part, String replacement, UnaryOperator<Model> bounds, Set<String> broken) {
    static Mutation of(String mistake, String part, String replacement, UnaryOperator<Model> bounds, String... broken) {
        return new Mutation(mistake, part, replacement, bounds, new TreeSet<>(Set.of(broken)));
    }

    Model applied(Model model) {
        return bounds.apply(part.isEmpty() ? model : model.mutated(part, replacement));
    }
}
