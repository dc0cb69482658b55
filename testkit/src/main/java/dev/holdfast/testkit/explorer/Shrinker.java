package dev.holdfast.testkit.explorer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Shortens a failing workload: drops actions or records as long as the workload still fails. */
public final class Shrinker {
    private final Subject subject;
    private final Effort effort;
    private int triesLeft;

    /**
     * Creates a shrinker.
     *
     * @param effort effort of each exploration
     * @param tries maximum number of workloads to explore
     */
    public Shrinker(Subject subject, Effort effort, int tries) {
        this.subject = subject;
        this.effort = effort;
        this.triesLeft = tries;
    }

    /** Returns the shortest failure found, possibly {@code failure} itself. */
    public CrashFailure shrink(CrashFailure failure) {
        CrashFailure shortest = failure;
        boolean shorter = true;
        while (shorter && triesLeft > 0) {
            Optional<CrashFailure> found = shrinkOnce(shortest);
            shorter = found.isPresent();
            shortest = found.orElse(shortest);
        }
        return shortest;
    }

    /** Returns the shortest workload found that still fails, after at most {@code tries} tries. */
    static Workload shrink(Workload workload, int tries, Predicate<Workload> fails) {
        Workload shortest = workload;
        int left = tries;
        boolean shorter = true;
        while (shorter && left > 0) {
            shorter = false;
            for (List<Action> actions : shorter(shortest.actions())) {
                Workload candidate = Workload.of(actions);
                if (left-- > 0 && fails.test(candidate)) {
                    shortest = candidate;
                    shorter = true;
                    break;
                }
            }
        }
        return shortest;
    }

    private Optional<CrashFailure> shrinkOnce(CrashFailure failure) {
        for (List<Action> actions : shorter(failure.place().workload().actions())) {
            if (triesLeft-- <= 0) {
                break;
            }
            Optional<CrashFailure> found = explore(failure.place(), Workload.of(actions));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<CrashFailure> explore(Replay place, Workload workload) {
        try {
            new Explorer(subject, effort).explore(place.job().with(workload));
            return Optional.empty();
        } catch (CrashFailure e) {
            return Optional.of(e);
        }
    }

    /** Returns shorter lists of actions, the shortest first. */
    private static List<List<Action>> shorter(List<Action> actions) {
        List<List<Action>> candidates = new ArrayList<>();
        for (int dropped = actions.size() / 2; dropped > 0; dropped /= 2) {
            for (int from = 0; from + dropped <= actions.size(); from += dropped) {
                List<Action> left = new ArrayList<>(actions.subList(0, from));
                left.addAll(actions.subList(from + dropped, actions.size()));
                candidates.add(left);
            }
        }
        for (int i = 0; i < actions.size(); i++) {
            Action simpler = simpler(actions.get(i));
            if (!simpler.equals(actions.get(i))) {
                List<Action> changed = new ArrayList<>(actions);
                changed.set(i, simpler);
                candidates.add(changed);
            }
        }
        return candidates;
    }

    private static Action simpler(Action action) {
        if (action instanceof Action.Append append) {
            return new Action.Append(append.sizes().subList(0, 1));
        }
        if (action instanceof Action.Async async) {
            return new Action.Append(async.sizes());
        }
        if (action instanceof Action.Put put) {
            return put.jump() == 0
                    ? new Action.Append(put.sizes())
                    : new Action.Put(put.jump(), put.sizes().subList(0, 1));
        }
        return action;
    }
}
