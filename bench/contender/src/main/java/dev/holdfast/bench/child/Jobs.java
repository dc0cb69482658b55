package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.Trims;
import java.util.Map;
import java.util.Optional;

/** Runs the jobs. Each job opens and closes its own log. */
final class Jobs {
    private static final int FILL_DEPTH = 1_024;
    private static final int FILL_RECORD_BYTES = 16 << 10;

    private Jobs() {}

    static Measurement run(Task task, Peer peer) throws Exception {
        return switch (task.job()) {
            case CALLERS -> AppendJobs.callers(task, peer, false);
            case VIRTUAL_CALLERS -> AppendJobs.callers(task, peer, true);
            case APPLYING_CALLERS -> AppendJobs.applyingCallers(task, peer);
            case FUTURE_CALLERS -> AppendJobs.futureCallers(task, peer);
            case BATCHES -> AppendJobs.batches(task, peer);
            case ASYNCHRONOUS -> AppendJobs.asynchronous(task, peer);
            case GROW_BATCHES -> Growth.batches(task, peer);
            case GROW_CALLERS -> Growth.callers(task, peer);
            case GROW_IN_FLIGHT -> Growth.inFlight(task, peer);
            case OPEN_LOOP -> OpenLoop.measure(task, peer);
            case MANY_LOGS -> ManyLogs.measure(task, peer);
            case MANY_SEGMENTS -> ManySegments.measure(task, peer);
            case FOLLOW -> Following.measure(task, peer);
            case READ_BACK -> ReadJobs.readBack(task, peer);
            case READ_ANYWHERE -> ReadJobs.readAnywhere(task, peer);
            case OPEN -> OpenJob.open(task, peer);
            case WRITTEN_BYTES -> SpaceJobs.writtenBytes(task, peer);
            case TAIL -> tail(task, peer);
            case TIMELINE -> AppendJobs.timeline(task, peer);
            case TRUNCATE -> SpaceJobs.truncate(task, peer);
            case PREPARE -> prepare(task, peer);
            case WARM_UP -> warmUp(task, peer);
            case FILL_AND_HALT -> fill(task, peer);
            case PROVE -> ProofJobs.prove(task, peer);
            case DAMAGE -> ProofJobs.damage(task, peer);
        };
    }

    private static Measurement tail(Task task, Peer peer) throws Exception {
        try (Contender contender = peer.open(task.opening())) {
            return new Tailing(task, contender).measure();
        }
    }

    private static Measurement prepare(Task task, Peer peer) throws Exception {
        try (Contender contender = peer.open(task.opening())) {
            Trims trimming = trims(contender);
            Flight.append(contender, task.logBytes(), FILL_RECORD_BYTES, FILL_DEPTH / 8, task.trimEveryBytes());
            trimming.trim(0);
        }
        return nothing();
    }

    private static Measurement warmUp(Task task, Peer peer) throws Exception {
        AppendJobs.callers(task, peer, false);
        AppendJobs.batches(task, peer);
        AppendJobs.asynchronous(task, peer);
        return nothing();
    }

    static Measurement fill(Task task, Peer peer) throws Exception {
        Contender contender = peer.open(task.opening());
        Flight.append(contender, task.logBytes(), task.recordBytes(), FILL_DEPTH, 0);
        if (task.job() != Job.FILL_AND_HALT) {
            contender.close();
        }
        return nothing();
    }

    static Measurement nothing() {
        return new Measurement(0, 0, 0, Measurement.newHistogram(), Map.of(), Timeline.NONE);
    }

    static Trims trims(Contender contender) {
        return able(contender, Trims.class, "it cannot be trimmed");
    }

    static <T> T able(Contender contender, Class<T> ability, String otherwise) {
        return Optional.of(contender)
                .filter(ability::isInstance)
                .map(ability::cast)
                .orElseThrow(() -> new UnsupportedOperationException(otherwise));
    }
}
