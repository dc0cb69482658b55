package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.DiskStep;
import dev.holdfast.testkit.disk.Fault;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.wal.CallRefusedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Component} with random actions on a simulated disk, and crashes it before and after every operation of
 * the disk: the process is killed, or the power fails and unsynced changes survive in part. After each crash, the
 * component is opened on what is left. It must hold everything that was acknowledged, and of the action under way all
 * or nothing. Then more actions run, and the component is crashed again, also during recovery.
 *
 * <p>Deterministic: everything follows from the seed. Not thread-safe.
 *
 * @param <C> contents of the component
 */
public final class ComponentExplorer<C> {
    /**
     * How much is explored.
     *
     * @param actions number of actions before the first crash
     * @param innerActions number of actions between the first crash and the second
     * @param cuts number of power failures at each moment
     * @param innerPoints number of moments of a recovery, and the actions after it, at which it is crashed again
     */
    public record Effort(int actions, int innerActions, int cuts, int innerPoints) {}

    private static final int REFUSALS = 3;

    /** A log that found the disk full tries again after a minute. */
    private static final int RETRY_SECONDS = 61;

    /** Refusals after the disk has room again: a log may have to prepare a file first. */
    private static final int MORE_REFUSALS = 2;

    private record Moment<C>(@Nullable DiskStep step, DiskState state, List<C> allowed, boolean killOnly) {}

    private final Component<C> component;
    private final Effort effort;
    private final Set<Long> images = new HashSet<>();
    private long opened;

    /** Creates an explorer, which counts the disks of all its explorations. */
    public ComponentExplorer(Component<C> component, Effort effort) {
        this.component = component;
        this.effort = effort;
    }

    /** Returns the number of different disks on which the component was opened. */
    public long images() {
        return images.size();
    }

    /** Returns how many times the component was opened. */
    public long opened() {
        return opened;
    }

    /**
     * Crashes one random run at every moment.
     *
     * @throws AssertionError if the component lost or changed something; the message has the seed and the moment
     */
    public void explore(long seed) {
        Run run = new Run(seed, new CrashDisk(), List.of(component.empty()), effort.actions, null);
        run.runGuarded("seed " + seed);
        int number = 0;
        for (Moment<C> moment : run.moments) {
            crash(moment, "seed " + seed + ", moment " + number, Mix.of(seed, number), true);
            number++;
        }
    }

    /** Lets each operation of one random run fail, once or for good, and crashes the run afterwards. */
    public void exploreFaults(long seed, Fault.Kind kind, int faults) {
        Run whole = new Run(seed, new CrashDisk(), List.of(component.empty()), effort.actions, null);
        whole.runGuarded("seed " + seed);
        long steps = kind == Fault.Kind.READ ? whole.disk.reads() : whole.disk.steps();
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < faults; i++) {
            Fault fault = new Fault(random.nextLong(Math.max(1, steps)), kind, random.nextBoolean());
            String where = "seed " + seed + ", fault " + fault;
            Run run = new Run(seed, new CrashDisk(), List.of(component.empty()), effort.actions, fault);
            run.runGuarded(where);
            List<Moment<C>> moments = run.moments;
            crash(moments.get(moments.size() - 1), where, Mix.of(seed, fault.step()), false);
            crash(moments.get(random.nextInt(moments.size())), where, Mix.of(seed, ~fault.step()), false);
        }
    }

    private void crash(Moment<C> moment, String where, long seed, boolean again) {
        visit(moment.state.killed(), moment.allowed, where + " (" + moment.step + "), kill", seed, again);
        if (moment.killOnly) return;
        for (PowerCut cut : moment.state.cuts(effort.cuts, seed)) {
            visit(moment.state.powerCut(cut), moment.allowed, where + " (" + moment.step + "), " + cut, seed, again);
        }
    }

    private void visit(CrashDisk image, List<C> allowed, String where, long seed, boolean again) {
        long key = Mix.of(image.state().deepDigest(), allowed.hashCode());
        if (!images.add(key)) return;
        Run run = new Run(Mix.of(seed, key), image, allowed, again ? effort.innerActions : 0, null);
        run.runGuarded(where);
        if (!again) return;
        SplittableRandom random = new SplittableRandom(key);
        for (int i = 0; i < effort.innerPoints && !run.moments.isEmpty(); i++) {
            int number = random.nextInt(run.moments.size());
            crash(run.moments.get(number), where + ", then moment " + number, random.nextLong(), false);
        }
    }

    /** A life of the component between two crashes. */
    private final class Run {
        private final CrashDisk disk;
        private final SplittableRandom random;
        private final SimulatedEnvironment environment;
        private final int actions;
        private final @Nullable Fault fault;
        private final List<Moment<C>> moments = new ArrayList<>();
        private List<C> allowed;
        private C contents;
        private @Nullable IOException interleavedFailure;
        private long refusals;
        private Component.@Nullable Opened<C> open;

        Run(long seed, CrashDisk disk, List<C> allowed, int actions, @Nullable Fault fault) {
            this.disk = disk;
            this.random = new SplittableRandom(seed);
            this.environment = new SimulatedEnvironment(seed);
            this.allowed = allowed;
            this.contents = allowed.get(0);
            this.actions = actions;
            this.fault = fault;
        }

        void runGuarded(String where) {
            try {
                disk.fail(fault);
                disk.listen(this::note);
                run();
            } catch (IOException | RuntimeException | Error e) {
                throw new AssertionError(where + ": " + e, e);
            }
        }

        private void run() throws IOException {
            contents = openAndRead();
            for (int i = 0; i < actions; i++) {
                step();
            }
        }

        private void step() throws IOException {
            try {
                if (random.nextInt(12) == 0) {
                    requireOpen().close();
                    environment.runAll();
                    contents = openAndRead();
                    return;
                }
                perform();
                if (random.nextBoolean()) {
                    requireOpen().runBackground(this::interleave);
                    environment.runAll();
                }
            } catch (CallRefusedException e) {
                refused(e);
            } catch (IOException e) {
                interleavedFailure = e;
            }
            if (interleavedFailure != null) {
                if (fault == null) throw interleavedFailure;
                interleavedFailure = null;
                repairAndKill();
                contents = openAndRead();
            }
        }

        private void interleave() {
            if (interleavedFailure != null || random.nextInt(3) > 0) return;
            try {
                perform();
            } catch (IOException e) {
                interleavedFailure = e;
            }
        }

        private Component.Opened<C> requireOpen() {
            return Objects.requireNonNull(open);
        }

        /** Opens the component; with a simulated fault, the disk is repaired if opening fails. */
        private C openAndRead() throws IOException {
            C found;
            try {
                opened++;
                open = component.open(disk.process(), environment);
                found = open.read();
            } catch (IOException e) {
                if (fault == null || !disk.hasFault()) throw e;
                repairAndKill();
                return openAndRead();
            }
            if (!allowed.contains(found)) {
                throw new AssertionError("the component holds " + found + ", allowed is one of " + allowed);
            }
            allowed = List.of(found);
            return found;
        }

        private void repairAndKill() {
            disk.fail(null);
            disk.kill();
        }

        /** Performs one action. If it is refused, it must have changed nothing, unless it has several parts. */
        private void perform() throws IOException {
            Component.Action<C> action = component.draw(random, contents);
            List<C> before = allowed;
            allowed = new ArrayList<>(before);
            allowed.addAll(action.effects());
            C after = allowed.get(allowed.size() - 1);
            boolean atomic = action.effects().size() == 1;
            try {
                action.perform(requireOpen());
                environment.runAll();
            } catch (CallRefusedException e) {
                if (!atomic) throw new IOException(e); // opening decides how much was done
                refused(e);
                allowed = before;
                requireReads();
                return;
            }
            allowed = List.of(after);
            contents = after;
            if (random.nextInt(4) == 0) {
                requireReads();
            }
        }

        /** A call may be refused while the disk is full, and a few times afterwards. A lasting fault ends here. */
        private void refused(CallRefusedException e) throws IOException {
            for (int second = 0; second < RETRY_SECONDS; second++) {
                environment.runAll();
                environment.idle();
            }
            boolean full = fault != null && fault.lasting() && disk.hasFault();
            if (fault == null || (!full && ++refusals > disk.strikes() + MORE_REFUSALS)) {
                throw new AssertionError("the call was refused without a reason: " + e, e);
            }
            if (full && random.nextInt(REFUSALS) == 0) {
                disk.fail(null);
                refusals = disk.strikes();
            }
        }

        private void requireReads() throws IOException {
            C found;
            try {
                found = requireOpen().read();
            } catch (IOException e) {
                if (fault != null && fault.kind() == Fault.Kind.READ) return;
                throw e;
            }
            if (!found.equals(contents)) {
                throw new AssertionError("the component holds " + found + ", expected " + contents);
            }
        }

        private void note(@Nullable DiskStep step, DiskStep.Moment moment) {
            DiskState state = disk.state();
            Moment<C> last = moments.isEmpty() ? null : moments.get(moments.size() - 1);
            if (last != null && last.state == state && last.allowed.equals(allowed)) return;
            moments.add(new Moment<>(step, state, allowed, moment == DiskStep.Moment.WITHIN));
        }
    }
}
