package dev.holdfast.bench.ratis;

import dev.holdfast.bench.contender.Acknowledgement;
import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.ReadsAnywhere;
import dev.holdfast.bench.contender.ReadsBack;
import dev.holdfast.bench.contender.Trims;
import dev.holdfast.bench.contender.Truncates;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.StateMachineLogEntryProto;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/**
 * The Ratis log as a contender. A future completes when its record is synced. The log groups waiting records on its own
 * thread.
 */
final class RatisContender implements Contender, ReadsBack, ReadsAnywhere, Trims, Truncates {
    private final RaftStorage storage;
    private final SegmentedRaftLog log;
    private final ReentrantLock order = new ReentrantLock();

    RatisContender(RaftStorage storage, SegmentedRaftLog log) {
        this.storage = storage;
        this.log = log;
    }

    private CompletableFuture<Long> add(ByteBuffer data) {
        StateMachineLogEntryProto record = StateMachineLogEntryProto.newBuilder()
                .setLogData(UnsafeByteOperations.unsafeWrap(data.duplicate()))
                .build();
        order.lock();
        try {
            return log.appendEntry(LogEntryProto.newBuilder()
                    .setTerm(1)
                    .setIndex(log.getNextIndex())
                    .setStateMachineLogEntry(record)
                    .build());
        } finally {
            order.unlock();
        }
    }

    @Override
    public void append(ByteBuffer data) throws Exception {
        add(data).get();
    }

    @Override
    public void appendBatch(List<ByteBuffer> batch) throws Exception {
        CompletableFuture.allOf(batch.stream().map(this::add).toArray(CompletableFuture<?>[]::new))
                .get();
    }

    @Override
    public void appendAsync(ByteBuffer data, Acknowledgement acknowledgement) {
        var unused = add(data).whenComplete((index, failure) -> acknowledgement.complete(failure));
    }

    @Override
    public ReadBack readAll() throws IOException {
        long bytes = 0;
        long first = firstId();
        long end = log.getNextIndex();
        for (long id = first; id < end; id++) {
            bytes += read(id);
        }
        return new ReadBack(end - first, bytes);
    }

    @Override
    public long firstId() {
        return log.getStartIndex();
    }

    @Override
    public long lastId() {
        return log.getNextIndex() - 1;
    }

    @Override
    public int read(long id) throws IOException {
        return log.get(id).getStateMachineLogEntry().getLogData().size();
    }

    @Override
    public void trim(long recordsToKeep) throws Exception {
        long to = log.getNextIndex() - 1 - recordsToKeep;
        if (to >= firstId()) {
            log.purge(to).get();
        }
    }

    @Override
    public void truncateNewest() throws Exception {
        log.truncate(lastId()).get();
    }

    @Override
    public void close() throws IOException {
        log.close();
        storage.close();
    }
}
