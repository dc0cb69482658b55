package dev.holdfast.spec;

import java.util.List;

/** Mistakes in the module Log. */
final class LogMutations {
    static final List<Mutation> ALL = List.of(
            Mutation.of(
                    "The leader does not sync a group before it shows its records",
                    "  /\\ pc = \"written\"\n  /\\ files' = WithTail(SyncedGroups(TheTail))",
                    "  /\\ pc = \"written\"\n  /\\ UNCHANGED files",
                    model -> model,
                    "G4"),
            Mutation.of(
                    "The directory is not synced after a segment got its name",
                    "  /\\ pc = \"names\"\n  /\\ SyncNames",
                    "  /\\ pc = \"names\"\n  /\\ UNCHANGED <<files, spares>>",
                    model -> model,
                    "G4"),
            Mutation.of(
                    "Log.sync() returns without a sync",
                    "  /\\ pc = \"open\" /\\ ~IsSynced\n  /\\ files' = WithTail(SyncedGroups(TheTail))",
                    "  /\\ pc = \"open\" /\\ ~IsSynced\n  /\\ UNCHANGED files",
                    model ->
                            model.with("SyncEach", false).with("MaxRemovals", 0).with("MaxMarkers", 0),
                    "G1",
                    "G2",
                    "G4",
                    "G12"),
            Mutation.of(
                    "A recovery believes that records are durable because it can read them",
                    "IF WouldTakeLast THEN s.base - 1 ELSE Min({w.durable, last})",
                    "last",
                    model -> model.with("MaxRemovals", 0)
                            .with("MaxMarkers", 0)
                            .with("MaxCrashes", 2)
                            .with("MaxRecords", 1),
                    "G9"),
            Mutation.of(
                    "The old tail gets no footer",
                    "IF w.tail = 0 THEN \"published\" ELSE \"footer\"",
                    "\"published\"",
                    model -> model.with("MaxRemovals", 0),
                    "G9"),
            Mutation.of(
                    "A close declares records durable that are not synced",
                    "  /\\ pc = \"open\" /\\ IsSynced /\\ Marking\n  /\\ IF",
                    "  /\\ pc = \"open\" /\\ Marking\n  /\\ IF",
                    model -> model.with("SyncEach", false),
                    "G9"),
            Mutation.of(
                    "An idle marker declares records durable that are not synced",
                    "  /\\ pc = \"open\" /\\ IsSynced /\\ HasRoom /\\ ~w.idle",
                    "  /\\ pc = \"open\" /\\ HasRoom /\\ ~w.idle",
                    model -> model.with("SyncEach", false),
                    "G9"),
            Mutation.of(
                    "A group declares records durable whose sync has not returned",
                    "batches, w.durable, w.trim, \"pending\")",
                    "batches, w.next - 1, w.trim, \"pending\")",
                    model -> model.with("SyncEach", false),
                    "G9"),
            Mutation.of(
                    "A truncation does not sync the tail first",
                    "  /\\ Removing /\\ IsSynced\n  /\\ id >= Latest.first /\\ id < w.next - 1",
                    "  /\\ Removing\n  /\\ id >= Latest.first /\\ id < w.next - 1",
                    model -> model.with("SyncEach", false),
                    "G9"),
            Mutation.of(
                    "A trim does not sync its marker",
                    "  /\\ pc = \"trim written\"\n  /\\ files' = WithTail(SyncedGroups(TheTail))",
                    "  /\\ pc = \"trim written\"\n  /\\ UNCHANGED files",
                    model -> model,
                    "G2",
                    "G7"),
            Mutation.of(
                    "The header of a new segment has an old trim point",
                    "/\\ TheTail.pin, w.trim, <<>>, FirstMarkers",
                    "/\\ TheTail.pin, TheTail.trim, <<>>, FirstMarkers",
                    model -> model,
                    "G2",
                    "G7"),
            Mutation.of(
                    "A reset leaves the next id free",
                    "WithMarkers(id, NoPredecessor, TRUE,",
                    "WithMarkers(id, NoPredecessor, FALSE,",
                    model -> model,
                    "G12"),
            Mutation.of(
                    "A recovery forgets that a reset has pinned the next id",
                    "s.pin /\\ last < s.base, w.trim",
                    "FALSE, w.trim",
                    model -> model,
                    "G12"),
            Mutation.of(
                    "The copy of a truncation has the truncated records, too",
                    "copy == Prefix(Batches(s), id - s.base + 1)",
                    "copy == Batches(s)",
                    model -> model,
                    "G2",
                    "G6",
                    "G12",
                    "memory"),
            Mutation.of(
                    "A recovery continues in a tail that was not closed",
                    "  /\\ pc = \"supersede\" /\\ w.closed\n",
                    "  /\\ pc = \"supersede\"\n",
                    model -> model,
                    "G2",
                    "G7",
                    "memory"),
            Mutation.of(
                    "Readers see a group before it is synced",
                    "THEN pc' = \"written\" /\\ UNCHANGED <<acked, seen>>",
                    "THEN pc' = \"written\" /\\ seen' = seen \\cup Range(records) /\\ UNCHANGED acked",
                    model -> model,
                    "G4"),
            Mutation.of(
                    "A reader accepts the first records of a torn batch",
                    "!.batches = SubSeq(@, 1, n)] : n \\in 0..Max({Len(g.batches), 1}) - 1}",
                    "!.batches = Prefix(@, n)] : n \\in 0..Max({Len(Concat(g.batches)), 1}) - 1}",
                    model -> model,
                    "G3",
                    "G12"));

    private LogMutations() {}
}
