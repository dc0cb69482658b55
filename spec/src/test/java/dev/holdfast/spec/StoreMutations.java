package dev.holdfast.spec;

import java.util.List;

/** Mistakes in the module Store. */
final class StoreMutations {
    static final List<Mutation> ALL = List.of(
            Mutation.of(
                    "A replay takes a moved record without looking at its place",
                    "r.id < l.next /\\ r.id \\in DOMAIN l.place /\\ l.place[r.id] = r.from",
                    "r.id < l.next",
                    model -> model.with("Names", "{\"a\"}")
                            .with("MaxOps", 4)
                            .with("MaxOwn", 2)
                            .with("MaxTroubles", 0),
                    "true",
                    "true in memory"),
            Mutation.of(
                    "After a refusal, the batches behind it are not refused",
                    "  /\\ queue # <<>> /\\ Trouble\n  /\\ queue' = <<>>",
                    "  /\\ queue # <<>> /\\ Trouble\n  /\\ queue' = Tail(queue)",
                    model -> model.with("Names", "{\"a\"}").with("MaxOps", 3),
                    "returns",
                    "true"),
            Mutation.of(
                    "A trim forgets the records that were moved after the second newest checkpoint",
                    " \\cup {SecondNewest} \\cup MovedLater",
                    " \\cup {SecondNewest}",
                    model -> model.with("Names", "{\"a\"}").with("MaxOps", 3),
                    "true"),
            Mutation.of(
                    "A trim keeps the newest checkpoint only",
                    "SecondNewest == Max(Checkpoints \\ {Max(Checkpoints)})",
                    "SecondNewest == Max(Checkpoints)",
                    model -> model.with("Names", "{\"a\"}").with("MaxOps", 3),
                    "true"),
            Mutation.of(
                    "A trim does not look at the places of live records",
                    "TrimLimits == LivePlaces(mem) \\cup {SecondNewest}",
                    "TrimLimits == {SecondNewest}",
                    model -> model.with("Names", "{\"a\"}").with("MaxOps", 3),
                    "trimmed",
                    "true",
                    "true in memory"),
            Mutation.of(
                    "A replay of a reset leaves the next id free",
                    "!.next = r.id, !.pin = TRUE",
                    "!.next = r.id, !.pin = FALSE",
                    model -> model.with("Names", "{\"a\"}").with("MaxOps", 3),
                    "true"),
            Mutation.of(
                    "A checkpoint forgets that a reset has pinned the next id",
                    "[logs[n] EXCEPT !.place = <<>>]]\n  IN",
                    "[logs[n] EXCEPT !.place = <<>>, !.pin = FALSE]]\n  IN",
                    model -> model.with("Names", "{\"a\"}").with("MaxOps", 3),
                    "true"),
            Mutation.of(
                    "A checkpoint forgets the small values",
                    "[logs[n] EXCEPT !.place = <<>>]]\n  IN",
                    "[logs[n] EXCEPT !.place = <<>>, !.value = 0]]\n  IN",
                    model -> model.with("Names", "{\"a\"}").with("MaxOps", 3),
                    "true"),
            Mutation.of(
                    "Appends may take the places that are kept for removals",
                    "ELSE Used + 2 <= Capacity - Kept",
                    "ELSE Used + 1 <= Capacity",
                    model -> model.with("Names", "{\"a\"}").with("MaxOps", 3).with("Capacity", 4),
                    "full"),
            Mutation.of(
                    "Index records and checkpoints may take the last place",
                    "Used + Len(records) + MaxRemovals - spent.removals <= Capacity",
                    "Used + Len(records) <= Capacity",
                    model -> model.with("Names", "{\"a\"}")
                            .with("MaxOps", 3)
                            .with("Capacity", 8)
                            .with("Kept", 5),
                    "full"),
            Mutation.of(
                    "A replay ignores the deletion of a log",
                    "r.kind = \"DELETE\" -> Restricted(logs, DOMAIN logs \\ {r.log})",
                    "r.kind = \"DELETE\" -> logs",
                    model -> model.with("Names", "{\"a\"}").with("MaxOps", 3),
                    "returns",
                    "true"),
            Mutation.of(
                    "An index record lists what is applied, without the batches in flight",
                    "  LET logs == Numbered\n      recent(n)",
                    "  LET logs == mem\n      recent(n)",
                    model -> model.with("Names", "{\"a\"}").with("MaxOps", 3),
                    "true"),
            Mutation.of(
                    "Calls are numbered without the batches in flight",
                    "Numbered == Replayed(mem, Queued(Len(queue)), Len(shared) + 1)",
                    "Numbered == mem",
                    model -> model.with("Names", "{\"a\"}").with("MaxOps", 3),
                    "true"),
            Mutation.of(
                    "An index record leaves out the records in flight",
                    "logs[n].place[id] > LastIndex}",
                    "logs[n].place[id] > LastIndex /\\ logs[n].place[id] <= Len(shared)}",
                    model -> model.with("Names", "{\"a\"}").with("MaxOps", 3),
                    "true"));

    private StoreMutations() {}
}
