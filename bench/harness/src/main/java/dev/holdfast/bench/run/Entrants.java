package dev.holdfast.bench.run;

import dev.holdfast.bench.own.BareDisk;
import dev.holdfast.bench.own.Holdfast;
import dev.holdfast.bench.run.Entrant.Role;
import java.util.List;

/** All contenders that can be measured. */
public final class Entrants {
    private static final String DEFAULT = "default";

    private Entrants() {}

    public static final Entrant DISK = new Entrant(
            "bare disk",
            "harness",
            "holdfast-bench-contender",
            BareDisk.class.getName(),
            DEFAULT,
            Role.DISK,
            "O_DSYNC writes into a prewritten file. Callers that wait (W1, W2): one write per record. Batches (W3): one write "
                    + "per batch. In flight (W4): one write of up to 1 MiB for all records in flight");

    public static final Entrant HOLDFAST = new Entrant(
            "Holdfast", "harness", "holdfast-wal", Holdfast.class.getName(), DEFAULT, Role.HOLDFAST, "default options");

    private static final String BATCHED = "through a batching wrapper, because it has no group commit";

    private static final List<Entrant> ALL = List.of(
            DISK,
            HOLDFAST,
            peer(
                    "Artemis NIO",
                    "artemis",
                    "artemis-journal",
                    "artemis.Artemis",
                    DEFAULT,
                    "NIO journal that keeps 10 files of 10 MiB; a buffer of 1 MiB that is written when the disk is free; trimmed only record by record"),
            peer(
                    "Artemis AIO",
                    "artemis",
                    "artemis-journal",
                    "artemis.Artemis",
                    "aio",
                    "libaio journal, at most 500 concurrent requests; other settings as for NIO"),
            peer(
                    "RocksDB",
                    "rocksdb",
                    "rocksdbjni",
                    "rocksdb.RocksDb",
                    DEFAULT,
                    "synced writes with consecutive keys, no compression; asynchronous appends through a batching wrapper, because RocksDB has none"),
            peer(
                    "RocksDB recycled",
                    "rocksdb",
                    "rocksdbjni",
                    "rocksdb.RocksDb",
                    "recycled",
                    "as RocksDB, with recycle_log_file_num = 4"),
            peer("JRaft", "jraft", "jraft-core", "jraft.JRaft", DEFAULT, "RocksDBLogStorage with sync; " + BATCHED),
            peer(
                    "Ratis",
                    "ratis",
                    "ratis-server",
                    "ratis.Ratis",
                    DEFAULT,
                    "segmented log, preallocated segments of 64 MB, write buffer of 8 MB"),
            peer(
                    "BookKeeper",
                    "bookkeeper",
                    "bookkeeper-server",
                    "bookkeeper.BookKeeper",
                    DEFAULT,
                    "journal of a bookie with default settings; not trimmed; no checksums of its own"),
            peer(
                    "BookKeeper tuned",
                    "bookkeeper",
                    "bookkeeper-server",
                    "bookkeeper.BookKeeper",
                    "tuned",
                    "journal of a bookie that flushes when its queue is empty and never waits for a group; recycled files of 64 MB, buffer of 1 MiB"),
            new Entrant(
                    "Chronicle",
                    "peers/chronicle",
                    "chronicle-queue",
                    "dev.holdfast.bench.chronicle.Chronicle",
                    DEFAULT,
                    Role.PEER,
                    "a sync after each batch, " + BATCHED + "; cannot be trimmed; no checksums"),
            new Entrant(
                    "Chronicle unsynced",
                    "peers/chronicle",
                    "chronicle-queue",
                    "dev.holdfast.bench.chronicle.Chronicle",
                    "unsynced",
                    Role.NOT_DURABLE,
                    "as Chronicle, without the sync: acknowledged records do not survive a power failure"),
            peer(
                    "Journal.IO",
                    "journalio",
                    "journalio",
                    "journalio.JournalIo",
                    DEFAULT,
                    "physical sync, checksums, files of 64 MiB, batches up to 1 MiB; not trimmed; callers that wait use "
                            + "a batching wrapper, because it has no group commit"),
            peer(
                    "H2 MVStore",
                    "h2",
                    "h2",
                    "h2.H2",
                    DEFAULT,
                    "a map, with a commit and a sync after each batch, " + BATCHED));

    private static Entrant peer(
            String name, String module, String artifact, String peer, String variant, String settings) {
        return new Entrant(
                name, "peers/" + module, artifact, "dev.holdfast.bench." + peer, variant, Role.PEER, settings);
    }

    /** Returns all contenders in the order in which they are measured. */
    public static List<Entrant> all() {
        return ALL;
    }
}
