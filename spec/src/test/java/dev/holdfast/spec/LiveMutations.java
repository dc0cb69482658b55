package dev.holdfast.spec;

import java.util.List;
import java.util.function.UnaryOperator;

/** Mistakes after which something that must happen never happens: in the modules LogLive and StoreLive. */
final class LiveMutations {
    private static final UnaryOperator<Model> APPENDS = model -> model.withOnly("Answered");
    private static final UnaryOperator<Model> SPACE = model -> model.with("MaxTroubles", 0);

    static final List<Mutation> OF_LOG = List.of(
            Mutation.of(
                    "A leader leaves without looking at the queue again",
                    "IF Waiting = {} THEN leader' = \"nobody\" ELSE leader' \\in Waiting",
                    "leader' = \"nobody\"",
                    APPENDS,
                    "stuck"),
            Mutation.of(
                    "A caller who finds no leader waits for one",
                    "leader' = IF leader = \"nobody\" THEN c ELSE leader",
                    "leader' = leader",
                    APPENDS,
                    "stuck"),
            Mutation.of(
                    "On a full disk, appends wait for space instead of being refused",
                    "WriteGroup \\/ AnswerGroup \\/ RefuseAppends",
                    "WriteGroup \\/ AnswerGroup",
                    APPENDS,
                    "stuck"),
            Mutation.of(
                    "No spare is prepared for the next roll",
                    "Pool < Reserve \\/ (Pool = Reserve /\\ (NeedsRoll \\/ IsEmpty(Latest)))",
                    "Pool < Reserve",
                    APPENDS,
                    "stuck"),
            Mutation.of(
                    "Nobody syncs the removal for which a trim waits",
                    "/\\ job.durably /\\ Visible # DOMAIN files\n  /\\ SyncNames",
                    "/\\ job.durably /\\ Visible # DOMAIN files /\\ FALSE\n  /\\ SyncNames",
                    model -> model.with("MaxRemovals", 1),
                    "stuck"),
            Mutation.of(
                    "Callers pass the leadership to one another without writing",
                    "/\\ leader # \"nobody\" /\\ leader \\notin Waiting\n",
                    "/\\ leader # \"nobody\"\n",
                    APPENDS,
                    "Answered"));

    static final List<Mutation> OF_STORE = List.of(
            Mutation.of(
                    "A pass seals its window, but never moves a record",
                    "  /\\ goal # 0 /\\ ToMove # {} /\\ LastIndex >= goal",
                    "  /\\ FALSE /\\ ToMove # {} /\\ LastIndex >= goal",
                    SPACE,
                    "stuck"),
            Mutation.of(
                    "A pass writes one checkpoint",
                    "~MayTrimTo(goal + 1)",
                    "Checkpoints \\cap (goal..Len(shared)) = {}",
                    SPACE,
                    "stuck"),
            Mutation.of(
                    "A trim keeps the origin of every move, however old",
                    "x \\in Of(\"MOVED\") : x > SecondNewest}}",
                    "x \\in Of(\"MOVED\") : TRUE}}",
                    SPACE,
                    "stuck"),
            Mutation.of(
                    "The places that are kept do not hold a whole pass",
                    "",
                    "",
                    model -> SPACE.apply(model).with("Kept", 8).with("Capacity", 17),
                    "stuck"),
            Mutation.of(
                    "A pass begins although a trim would return the space",
                    " /\\ ~MayTrimTo(head + 1)",
                    "",
                    model -> model.with("MaxOps", 1).with("Tolerated", 4),
                    "stuck"),
            Mutation.of(
                    "After a crash, a pass begins anew instead of going on",
                    "IF sealed = {} THEN Len(shared) ELSE Min(sealed)",
                    "Len(shared)",
                    model -> model.with("MaxRemovals", 0),
                    "stuck"));

    private LiveMutations() {}
}
