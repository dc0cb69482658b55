package dev.holdfast.bench.run;

import dev.holdfast.bench.own.BareDisk;
import dev.holdfast.bench.own.Holdfast;
import dev.holdfast.bench.run.Entrant.Role;
import java.util.List;

/** Everyone who can be measured. */
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
            "O_DSYNC writes into a prewritten file. W1: one write a record. W2: one a record by each caller. W3: one a batch. "
                    + "W4: one of up to 1 MiB, with all that is in flight");

    public static final Entrant HOLDFAST = new Entrant(
            "Holdfast", "harness", "holdfast-wal", Holdfast.class.getName(), DEFAULT, Role.HOLDFAST, "default options");

    private static final String BATCHED = "behind a batching wrapper, as it has no group commit";

    private static final List<Entrant> ALL = List.of(
            DISK,
            HOLDFAST,
            peer(
                    "Artemis NIO",
                    "artemis",
                    "artemis-journal",
                    "artemis.Artemis",
                    DEFAULT,
                    "journal by NIO, files of 10 MiB, of which it keeps 10, buffer of 1 MiB written as soon as the disk is free; never trimmed but record by record"),
            peer(
                    "Artemis AIO",
                    "artemis",
                    "artemis-journal",
                    "artemis.Artemis",
                    "aio",
                    "journal by libaio, 500 requests at once, otherwise as by NIO"),
            peer(
                    "RocksDB",
                    "rocksdb",
                    "rocksdbjni",
                    "rocksdb.RocksDb",
                    DEFAULT,
                    "sync writes under consecutive keys, no compression; asynchronous appends behind a batching wrapper, as it has none"),
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
                    "segmented log, segments of 64 MB preallocated, write buffer of 8 MB"),
            peer(
                    "BookKeeper",
                    "bookkeeper",
                    "bookkeeper-server",
                    "bookkeeper.BookKeeper",
                    DEFAULT,
                    "journal of a bookie, as it comes; not trimmed; no checksums of its own"),
            peer(
                    "BookKeeper tuned",
                    "bookkeeper",
                    "bookkeeper-server",
                    "bookkeeper.BookKeeper",
                    "tuned",
                    "flushes when its queue is empty, no wait for a group, files of 64 MB used again, buffer of 1 MiB"),
            new Entrant(
                    "Chronicle",
                    "peers/chronicle",
                    "chronicle-queue",
                    "dev.holdfast.bench.chronicle.Chronicle",
                    DEFAULT,
                    Role.PEER,
                    "a sync after each batch; " + BATCHED + "; cannot be trimmed; no checksums"),
            new Entrant(
                    "Chronicle unsynced",
                    "peers/chronicle",
                    "chronicle-queue",
                    "dev.holdfast.bench.chronicle.Chronicle",
                    "unsynced",
                    Role.NOT_DURABLE,
                    "as Chronicle, without the sync: what it acknowledges does not survive power failure"),
            peer(
                    "Journal.IO",
                    "journalio",
                    "journalio",
                    "journalio.JournalIo",
                    DEFAULT,
                    "physical sync, checksums, files of 64 MiB, batches up to 1 MiB; not trimmed; callers that wait "
                            + BATCHED),
            peer(
                    "H2 MVStore",
                    "h2",
                    "h2-mvstore",
                    "h2.H2",
                    DEFAULT,
                    "a map, commit and sync after each batch; " + BATCHED));

    private static Entrant peer(
            String name, String module, String artifact, String peer, String variant, String settings) {
        return new Entrant(
                name, "peers/" + module, artifact, "dev.holdfast.bench." + peer, variant, Role.PEER, settings);
    }

    /** In the order in which they are measured. */
    public static List<Entrant> all() {
        return ALL;
    }
}
