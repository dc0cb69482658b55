package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.ReadsBack;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;

/** The jobs that test what the report claims about a contender. */
final class ProofJobs {
    private ProofJobs() {}

    static Measurement prove(Task task, Peer peer) throws Exception {
        Records records = new Records(task.recordBytes());
        try (Contender contender = peer.open(task.opening());
                ProofMarks marks = new ProofMarks(task.opening().directory())) {
            for (int i = 0; i < task.depth(); i++) {
                ByteBuffer record = records.get(i);
                marks.around(() -> contender.append(record));
            }
            for (int i = 0; i < task.depth(); i++) {
                marks.around(() -> contender.appendBatch(records.batch(2)));
            }
            for (int i = 0; i < task.depth(); i++) {
                ByteBuffer record = records.get(i);
                Flight flight = new Flight(contender, 1);
                marks.around(() -> {
                    flight.append(record, start -> {});
                    flight.land();
                });
            }
        }
        return Jobs.nothing();
    }

    static Measurement damage(Task task, Peer peer) throws Exception {
        Jobs.fill(task, peer);
        Damage.flipBitOf(new Records(task.recordBytes()).get(0), task.opening().directory());
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        figures.put(Figure.NOTICES_DAMAGE, isNoticed(task, peer) ? 1.0 : 0.0);
        return new Measurement(0, 0, 0, Measurement.newHistogram(), figures, Timeline.NONE);
    }

    /** Returns whether reading detects the damage: it throws an exception or returns only records before the damage. */
    private static boolean isNoticed(Task task, Peer peer) throws Exception {
        Contender contender;
        try {
            contender = peer.open(task.opening());
        } catch (Exception e) {
            return true;
        }
        try (contender) {
            ReadsBack reading = Jobs.able(contender, ReadsBack.class, "it cannot read all records");
            return reading.readAll().records() < task.logBytes() / task.recordBytes();
        } catch (UnsupportedOperationException e) {
            throw e;
        } catch (Exception | Error e) {
            return true;
        }
    }
}
