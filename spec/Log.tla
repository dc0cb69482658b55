------------------------------------ MODULE Log ------------------------------------
(***********************************************************************************)
(* One log in one directory: what its writer does to the disk, what a crash leaves *)
(* and what recovery makes of it. The words are those of docs/format.md. Bytes,    *)
(* offsets and checksums are not modelled: a group is whole, or it is broken from  *)
(* some batch on. The disk loses what was not synced, in any combination.          *)
(*                                                                                 *)
(* The invariants G1 to G12 at the end have the numbers of docs/guarantees.md.     *)
(***********************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS
  SyncEach,     \* TRUE: an append returns after its sync (POWER_LOSS). FALSE: after its write (PROCESS_CRASH).
  Room,         \* Number of groups and markers that fit into a segment, besides the markers of a close.
  Reserve,      \* Number of spares that an append must leave (decision 3).
  Wanted,       \* Number of spares from which on a dead segment is deleted instead of recycled.
  MaxRecords,   \* Bounds of the search: records appended,
  MaxRemovals,  \* calls of truncate, trim, reset, and appends that begin elsewhere,
  MaxMarkers,   \* closes and idle markers,
  MaxCrashes    \* kills and power failures.

VARIABLES
  \* The disk.
  files,        \* The segments, by epoch: those with a name now, and those whose removed name is not synced yet.
  spares,       \* Number of spares whose names are synced.
  full,         \* Whether the disk has no room for another spare.
  \* The process.
  pc,           \* What it does next.
  w,            \* The writer's memory: the tail's epoch, the next id, the durable id, the trim point, closed.
  dead,         \* Epochs of the segments that the writer has yet to remove.
  job,          \* The segment that is being published, and why.
  \* What the callers know. Only the invariants use it.
  base,         \* The contents that no crash may lose.
  changes,      \* Changes that were requested since, in order.
  acked,        \* How many of these changes were acknowledged (only PROCESS_CRASH acknowledges before a sync).
  seen,        \* The records that a reader may have seen.
  trimmed,      \* The records that a trim has removed.
  made,         \* Number of records appended so far. Each record is a new number.
  spent         \* Removals, markers and crashes so far.

disk == <<files, spares, full>>
memory == <<w, dead, job>>
known == <<base, changes, acked, seen, trimmed, made>>
vars == <<files, spares, full, pc, w, dead, job, base, changes, acked, seen, trimmed, made, spent>>

Max(S) == CHOOSE x \in S : \A y \in S : y <= x
Min(S) == CHOOSE x \in S : \A y \in S : x <= y
Range(s) == {s[i] : i \in 1..Len(s)}
Back(s) == s[Len(s)]

RECURSIVE Concat(_)
Concat(ss) == IF ss = <<>> THEN <<>> ELSE Head(ss) \o Concat(Tail(ss))

(***********************************************************************************)
(* Segments. A group is "pending" between its write and its sync, "stuck" if it    *)
(* was written but no later sync makes it stable (its process was killed, or its   *)
(* sync failed), "stable" after its sync, and "broken" if a power failure left     *)
(* only its first batches, or nothing. A marker is a group without records.        *)
(***********************************************************************************)
Group(kind, first, batches, durable, trim, state) ==
  [kind |-> kind, first |-> first, batches |-> batches, durable |-> durable, trim |-> trim, state |-> state]

NoMarker == [kind |-> "none", first |-> 0, durable |-> 0, trim |-> 0]
Marker(kind, next, trim) == [kind |-> kind, first |-> next, durable |-> next - 1, trim |-> trim]
MarkerGroup(kind, next, trim, state) == Group(kind, next, <<>>, next - 1, trim, state)
EmptySlot == [now |-> NoMarker, stable |-> NoMarker]     \* What is visible in the slot, and what is stable.
NoFooter == [next |-> 0, state |-> "none"]               \* The footer names the id after the last live record.
NoPredecessor == [kind |-> "none", epoch |-> 0, record |-> 0]

\* The name of a segment is "new" until its rename is synced, then "there". It is "recycled" or "deleted" while
\* the file is a spare or gone, but a power failure may bring the name back.
Segment(first, pred, pin, trim, groups, slot) ==
  [base |-> first, pred |-> pred, pin |-> pin, trim |-> trim, groups |-> groups, slot |-> slot,
   footer |-> NoFooter, name |-> "new"]

(***********************************************************************************)
(* Reading: what the visible files say. All of this is docs/format.md.             *)
(***********************************************************************************)
Visible == {e \in DOMAIN files : files[e].name \in {"new", "there"}}
Going == {e \in DOMAIN files : files[e].name = "recycled"}
Newest == Max(Visible \cup {0})
Pool == spares + Cardinality(Going)

\* The number of groups before the first broken one.
Intact(s) == LET bad == {i \in 1..Len(s.groups) : s.groups[i].state = "broken"}
             IN IF bad = {} THEN Len(s.groups) ELSE Min(bad) - 1

\* The batches that count: those of the valid groups, and the first ones of the group that is broken.
Batches(s) == Concat([i \in 1..Min({Len(s.groups), Intact(s) + 1}) |-> s.groups[i].batches])
Records(s) == Concat(Batches(s))
LastId(s) == s.base - 1 + Len(Records(s))
RecordAt(s, id) == Records(s)[id - s.base + 1]
Valid(s) == {s.groups[i] : i \in 1..Intact(s)}
DurableId(s) == Max({s.base - 1} \cup {g.durable : g \in Valid(s)})
TrimPoint(s) == Max({s.trim} \cup {g.trim : g \in Valid(s)})

\* Headers that are valid by themselves after the place where the valid groups end, and the slot.
Behind(s) == {s.slot.now} \cup {s.groups[i] : i \in {j \in Intact(s) + 1..Len(s.groups) : s.groups[j].state # "broken"}}

\* Both markers of a clean close agree.
IsClosed(s) == /\ Intact(s) > 0
               /\ s.groups[Intact(s)].kind = "CLOSE"
               /\ s.slot.now.kind = "CLOSE"
               /\ s.slot.now.first = s.groups[Intact(s)].first

\* Proof that synced bytes are missing: a later header declares a missing record durable, or names a trim that is
\* in no earlier one.
IsCorrupt(s) == /\ ~IsClosed(s)
                /\ \E h \in Behind(s) : h.durable > LastId(s) \/ h.trim > TrimPoint(s)

\* The epochs from a segment back to its origin, or to the first record after the trim point. Newest first.
RECURSIVE Chain(_, _)
Chain(e, trim) ==
  LET p == files[e].pred IN
  IF p.kind = "none" \/ files[e].base - 1 <= trim \/ p.epoch \notin Visible THEN <<e>>
  ELSE <<e>> \o Chain(p.epoch, trim)

\* A new segment has at most two groups: a copy of records, and a marker.
MayBeNew(s) == Intact(s) <= 2

\* A link is sound if the predecessor exists, has a footer (which may be missing behind a new tail), reaches as far
\* as its successor says, and is not an older copy.
IsSound(e) ==
  LET s == files[e]  p == s.pred IN
  /\ p.epoch \in Visible
  /\ files[p.epoch].base < s.base
  /\ \/ files[p.epoch].footer.state # "none" /\ files[p.epoch].footer.next >= s.base
     \/ e = Newest /\ MayBeNew(s)
  /\ LastId(files[p.epoch]) >= s.base - 1
  /\ p.kind = "cut" => RecordAt(files[p.epoch], s.base - 1) = p.record

\* Whether opening refuses the directory as damaged.
IsRefused ==
  LET tail == files[Newest]  trim == TrimPoint(tail)  chain == Chain(Newest, trim)  oldest == files[Back(chain)] IN
  \/ tail.footer.state # "none"
  \/ IsCorrupt(tail)
  \/ \E i \in 1..Len(chain) - 1 : ~IsSound(chain[i])
  \/ oldest.pred.kind # "none" /\ oldest.base - 1 > trim

\* The records of the live segments, each up to the base id of its successor.
RECURSIVE ChainRecords(_, _)
ChainRecords(chain, end) ==
  IF chain = <<>> THEN <<>>
  ELSE LET s == files[Head(chain)] IN
       ChainRecords(Tail(chain), s.base)
         \o SubSeq(Records(s), 1, Min({end - s.base, Len(Records(s))}))

\* The contents of a log: its first id, its records, and whether the next record must have the next id.
Contents(first, records, pin) == [first |-> first, records |-> records, pin |-> pin]
Next(c) == c.first + Len(c.records)
IsEmpty(c) == c.records = <<>>

\* What opening finds in the visible files.
Found ==
  IF Visible = {} THEN Contents(1, <<>>, FALSE) ELSE
  LET tail == files[Newest]  trim == TrimPoint(tail)  chain == Chain(Newest, trim)
      oldest == files[Back(chain)].base  next == LastId(tail) + 1
      first == Max({trim + 1, oldest})
      all == ChainRecords(chain, next)
  IN Contents(first, SubSeq(all, first - oldest + 1, Len(all)), tail.pin /\ LastId(tail) < tail.base)

(***********************************************************************************)
(* What callers may expect.                                                        *)
(***********************************************************************************)
Change(op, id, records) == [op |-> op, id |-> id, records |-> records]

\* The table of G12.
Apply(c, change) ==
  CASE change.op = "append"   -> Contents(c.first, c.records \o change.records, FALSE)
    [] change.op = "start"    -> Contents(change.id, change.records, FALSE)
    [] change.op = "truncate" -> IF change.id < c.first THEN Contents(c.first, <<>>, FALSE)
                                 ELSE Contents(c.first, SubSeq(c.records, 1, change.id - c.first + 1), FALSE)
    [] change.op = "trim"     -> Contents(change.id + 1,
                                          SubSeq(c.records, change.id - c.first + 2, Len(c.records)), FALSE)
    [] change.op = "reset"    -> Contents(change.id, <<>>, TRUE)

RECURSIVE Outcome(_)
Outcome(n) == IF n = 0 THEN base ELSE Apply(Outcome(n - 1), changes[n])
Latest == Outcome(Len(changes))
Outcomes == {Outcome(n) : n \in acked..Len(changes)}

(***********************************************************************************)
(* Start.                                                                          *)
(***********************************************************************************)
NoJob == [op |-> "none"]
NoWriter == [tail |-> 0, next |-> 0, durable |-> 0, trim |-> 0, closed |-> FALSE, idle |-> TRUE]

\* An empty directory, with the spares that creating a log makes first.
Init ==
  /\ files = <<>> /\ spares = Reserve + 1 /\ full = FALSE
  /\ pc = "down" /\ w = NoWriter /\ dead = {} /\ job = NoJob
  /\ base = Contents(1, <<>>, FALSE) /\ changes = <<>> /\ acked = 0
  /\ seen = {} /\ trimmed = {} /\ made = 0
  /\ spent = [removals |-> 0, markers |-> 0, crashes |-> 0]

(***********************************************************************************)
(* What several operations share.                                                  *)
(***********************************************************************************)
TheTail == files[w.tail]
WithTail(s) == [files EXCEPT ![w.tail] = s]
AddGroup(s, g) == [s EXCEPT !.groups = Append(@, g)]
SyncedGroups(s) ==
  [s EXCEPT !.groups = [i \in DOMAIN @ |-> IF @[i].state = "pending" THEN [@[i] EXCEPT !.state = "stable"] ELSE @[i]]]
SyncedSlot(s) == [s EXCEPT !.slot.stable = s.slot.now]

IsSynced == \A i \in DOMAIN TheTail.groups : TheTail.groups[i].state # "pending"
HasRoom == Len(TheTail.groups) < Room
NeedsRoll == ~HasRoom
MayCopy == BOOLEAN            \* Whether the records that stay are few: then a cut copies them.
MayFit == BOOLEAN             \* Whether some spare has room for the unproven records.
BatchSizes == {<<1>>, <<2>>, <<1, 1>>}   \* The batches of a group.

\* Syncing the directory makes every new name and every removal stable. A recycled file is a spare then.
SyncNames ==
  /\ files' = [e \in Visible |-> [files[e] EXCEPT !.name = "there"]]
  /\ spares' = spares + Cardinality(Going)

\* Everything requested is acknowledged, and survives a power failure from now on.
Acknowledge ==
  /\ base' = Latest /\ changes' = <<>> /\ acked' = 0
  /\ seen' = Range(Latest.records)
  /\ trimmed' = trimmed \cup
       IF changes # <<>> /\ Back(changes).op = "trim"
       THEN Range(Outcome(Len(changes) - 1).records) \ Range(Latest.records) ELSE {}

Request(change) ==
  /\ changes' = Append(changes, change)
  /\ UNCHANGED <<base, acked, seen, trimmed>>

\* The first n records of some batches, and the records after them.
RECURSIVE Prefix(_, _)
Prefix(batches, n) ==
  IF n = 0 \/ batches = <<>> THEN <<>>
  ELSE IF Len(Head(batches)) <= n THEN <<Head(batches)>> \o Prefix(Tail(batches), n - Len(Head(batches)))
  ELSE <<SubSeq(Head(batches), 1, n)>>
RECURSIVE Suffix(_, _)
Suffix(batches, n) ==
  IF n = 0 \/ batches = <<>> THEN batches
  ELSE IF Len(Head(batches)) <= n THEN Suffix(Tail(batches), n - Len(Head(batches)))
  ELSE <<SubSeq(Head(batches), n + 1, Len(Head(batches)))>> \o Tail(batches)

(***********************************************************************************)
(* Publishing a segment is the only way in which one appears. A spare is filled    *)
(* and synced, renamed, and the directory is synced, which is the commit point.    *)
(* Then the old tail gets its footer.                                              *)
(***********************************************************************************)
\* The first markers of a segment. If it takes the last spare, it is closed from the beginning, so that a recovery
\* needs no spare. If it begins with a copy, an idle marker declares the copy durable.
TakesLast == Pool = 1
WithMarkers(first, pred, pin, trim, copy, markers) ==
  LET next == first + Len(Concat(copy))
      groups == IF copy = <<>> THEN <<>> ELSE <<Group("RECORDS", first, copy, first - 1, trim, "stable")>>
      closed == Marker("CLOSE", next, trim)
      group(kind) == MarkerGroup(kind, next, trim, "stable")
  IN CASE markers = "close" -> Segment(first, pred, pin, trim, Append(groups, group("CLOSE")),
                                       [now |-> closed, stable |-> closed])
       [] markers = "idle"  -> Segment(first, pred, pin, trim, Append(groups, group("IDLE")), EmptySlot)
       [] markers = "none"  -> Segment(first, pred, pin, trim, groups, EmptySlot)
FirstMarkers(copy) == IF TakesLast THEN "close" ELSE IF copy # <<>> THEN "idle" ELSE "none"

\* kept is the last record that stays before the new segment; the footer of the old tail names the id after it.
Publish(op, segment, kept, closeLater) ==
  /\ job' = [op |-> op, epoch |-> Newest + 1, segment |-> segment, kept |-> kept, closeLater |-> closeLater,
             durably |-> FALSE]
  /\ pc' = "take"

\* A spare can be taken once its name is synced.
SettleSpares ==
  /\ pc = "take" /\ Going # {}
  /\ SyncNames
  /\ UNCHANGED <<full, pc, memory, known, spent>>

NeedsSpare == Pool < Reserve \/ (Pool = Reserve /\ (NeedsRoll \/ IsEmpty(Latest)))

\* The disk has room for another spare, and one is needed. Its name is synced, and with it all others.
MakeSpare ==
  /\ ~full
  /\ \/ pc = "open" /\ NeedsSpare
     \/ pc = "take" /\ Pool = 0
     \/ pc = "remove" /\ dead = {} /\ job.op \in {"create", "recover"} /\ Pool < Reserve
  /\ files' = [e \in Visible |-> [files[e] EXCEPT !.name = "there"]]
  /\ spares' = spares + Cardinality(Going) + 1
  /\ UNCHANGED <<full, pc, memory, known, spent>>

\* The new segment was written to a spare and synced. The spare gets the segment's name.
Rename ==
  /\ pc = "take" /\ spares > 0
  /\ files' = (job.epoch :> job.segment) @@ files
  /\ spares' = spares - 1
  /\ pc' = "names"
  /\ UNCHANGED <<full, memory, known, spent>>

\* The commit point.
CommitNames ==
  /\ pc = "names"
  /\ SyncNames
  /\ pc' = IF w.tail = 0 THEN "published" ELSE "footer"
  /\ UNCHANGED <<full, memory, known, spent>>

\* The old tail gets a footer, so that the loss of the new segment would be noticed.
WriteFooter ==
  /\ pc = "footer"
  /\ files' = WithTail([TheTail EXCEPT !.footer = [next |-> Max({TheTail.base, job.kept + 1}), state |-> "pending"]])
  /\ pc' = "footer written"
  /\ UNCHANGED <<spares, full, memory, known, spent>>

\* From now on a power failure cannot take the footer.
SyncFooter ==
  /\ pc = "footer written"
  /\ files' = WithTail([TheTail EXCEPT !.footer.state = "stable"])
  /\ pc' = "published"
  /\ UNCHANGED <<spares, full, memory, known, spent>>

\* Operations whose call does not wait for the removal of the segments that they made dead.
InBackground == {"create", "roll", "start", "recover"}

\* The writer goes on in the new segment. Segments that it does not lead to are dead.
Continue ==
  /\ pc = "published"
  /\ LET s == files[job.epoch]
         old == IF w.tail = 0 THEN {} ELSE IF job.op = "recover" THEN Visible ELSE Range(Chain(w.tail, w.trim))
     IN /\ w' = [tail |-> job.epoch, next |-> LastId(s) + 1, durable |-> LastId(s), trim |-> TrimPoint(s),
                 closed |-> IsClosed(s), idle |-> w.idle]
        /\ dead' = dead \cup (old \ Range(Chain(job.epoch, TrimPoint(s))))
  /\ job' = [job EXCEPT !.durably = job.op \notin InBackground /\ dead' # {}]
  /\ pc' = IF job.closeLater THEN "mark" ELSE "remove"
  /\ UNCHANGED <<disk, known, spent>>

(***********************************************************************************)
(* Removing dead segments, the oldest first. The call that made them dead removes  *)
(* them before it returns, outside the queue. Dead segments of an append are       *)
(* removed in the background, and a publication may recycle some for its spare.    *)
(***********************************************************************************)
NextDead == {Min(dead)}

\* A dead segment becomes a spare, or is deleted if there are enough.
Remove ==
  /\ dead # {}
  /\ pc \in {"sweep", "remove", "take", "open"}
  /\ \E e \in NextDead :
       /\ files' = [files EXCEPT ![e].name = IF Pool < Wanted THEN "recycled" ELSE "deleted"]
       /\ dead' = dead \ {e}
  /\ UNCHANGED <<spares, full, pc, w, job, known, spent>>

\* At most one dead segment waits for the next publication, and only if the reserve is complete without it.
MayWait == job.op = "truncate" /\ Cardinality(dead) <= 1 /\ Pool >= Reserve

\* The call returns.
Return ==
  /\ pc = "remove" /\ (dead = {} \/ MayWait \/ job.op \in InBackground)
  /\ job.op \notin {"none", "recover"}
  /\ (job.op \notin InBackground /\ job.durably /\ dead = {}) => Visible = DOMAIN files
  /\ IF job.op \in {"create", "roll"} THEN UNCHANGED <<base, changes, acked, seen, trimmed>> ELSE Acknowledge
  /\ pc' = "open" /\ job' = NoJob
  /\ UNCHANGED <<disk, w, dead, made, spent>>

\* A call that removes segments returns once their removal is synced.
SyncRemoval ==
  /\ pc = "remove" /\ dead = {} /\ job.op \notin InBackground /\ job.durably /\ Visible # DOMAIN files
  /\ SyncNames
  /\ UNCHANGED <<full, pc, memory, known, spent>>

(***********************************************************************************)
(* Appends.                                                                        *)
(***********************************************************************************)
Batch(sizes, i) == [j \in 1..sizes[i] |-> made + j + IF i = 2 THEN sizes[1] ELSE 0]

\* The leader writes a group. It declares the durable id and the trim point in force.
Write(sizes) ==
  LET batches == [i \in 1..Len(sizes) |-> Batch(sizes, i)]
      records == Concat(batches)
      asked == [i \in 1..Len(sizes) |-> Change("append", 0, batches[i])]
  IN
  /\ pc = "open" /\ Pool >= Reserve /\ HasRoom /\ ~w.closed
  /\ made + Len(records) <= MaxRecords
  /\ files' = WithTail(AddGroup(TheTail, Group("RECORDS", w.next, batches, w.durable, w.trim, "pending")))
  /\ w' = [w EXCEPT !.next = @ + Len(records), !.idle = FALSE]
  /\ made' = made + Len(records)
  /\ changes' = changes \o asked
  /\ IF SyncEach
     THEN pc' = "written" /\ UNCHANGED <<acked, seen>>
     ELSE pc' = pc /\ acked' = Len(changes') /\ seen' = seen \cup Range(records)
  /\ UNCHANGED <<spares, full, dead, job, base, trimmed, spent>>

\* The sync of the group returns. Its records are visible to readers, and declared durable from now on.
SyncGroup ==
  /\ pc = "written"
  /\ files' = WithTail(SyncedGroups(TheTail))
  /\ w' = [w EXCEPT !.durable = w.next - 1]
  /\ seen' = Range(Latest.records)
  /\ pc' = "synced"
  /\ UNCHANGED <<spares, full, dead, job, base, changes, acked, trimmed, made, spent>>

\* The callers are told.
Answer ==
  /\ pc = "synced"
  /\ Acknowledge
  /\ pc' = "open"
  /\ UNCHANGED <<disk, memory, made, spent>>

\* Log.sync(), and the sync that precedes each roll, truncate, trim, close and idle marker.
Sync ==
  /\ pc = "open" /\ ~IsSynced
  /\ files' = WithTail(SyncedGroups(TheTail))
  /\ w' = [w EXCEPT !.durable = w.next - 1]
  /\ Acknowledge
  /\ UNCHANGED <<spares, full, pc, dead, job, made, spent>>

\* A roll takes a spare beyond the reserve. It replaces a tail without records.
Roll ==
  /\ pc = "open" /\ IsSynced /\ NeedsRoll /\ Pool > Reserve /\ made < MaxRecords
  /\ LET empty == w.next = TheTail.base
         pred == IF empty THEN TheTail.pred ELSE [kind |-> "sealed", epoch |-> w.tail, record |-> 0]
     IN Publish("roll", WithMarkers(w.next, pred, empty /\ TheTail.pin, w.trim, <<>>, FirstMarkers(<<>>)),
                w.next - 1, FALSE)
  /\ UNCHANGED <<disk, w, dead, known, spent>>

\* An empty log that is not pinned takes any first id. The group is in the new origin before that gets its name.
Start(id, sizes) ==
  LET batches == [i \in 1..Len(sizes) |-> Batch(sizes, i)] IN
  /\ pc = "open" /\ Pool > Reserve /\ IsEmpty(Latest) /\ ~Latest.pin /\ id # w.next
  /\ spent.removals < MaxRemovals /\ made + Len(Concat(batches)) <= MaxRecords
  /\ Publish("start", WithMarkers(id, NoPredecessor, FALSE, id - 1, batches, IF TakesLast THEN "close" ELSE "none"),
             0, FALSE)
  /\ made' = made + Len(Concat(batches))
  /\ Request(Change("start", id, Concat(batches)))
  /\ spent' = [spent EXCEPT !.removals = @ + 1]
  /\ UNCHANGED <<disk, w, dead>>

(***********************************************************************************)
(* Removals. None needs a free block.                                              *)
(***********************************************************************************)
Removing == pc = "open" /\ spent.removals < MaxRemovals /\ spent' = [spent EXCEPT !.removals = @ + 1]

\* The segment with the last record to keep is cut, or, if few records stay, replaced by a copy.
Truncate(id) ==
  LET e == Max({x \in Range(Chain(w.tail, w.trim)) : files[x].base <= id})
      s == files[e]
      cut == [kind |-> "cut", epoch |-> e, record |-> RecordAt(s, id)]
      copy == Prefix(Batches(s), id - s.base + 1)
  IN
  /\ Removing /\ IsSynced
  /\ id >= Latest.first /\ id < w.next - 1
  /\ \E small \in MayCopy :
       Publish("truncate",
               IF small THEN WithMarkers(s.base, s.pred, FALSE, w.trim, copy, FirstMarkers(copy))
               ELSE WithMarkers(id + 1, cut, FALSE, w.trim, <<>>, FirstMarkers(<<>>)),
               id, FALSE)
  /\ Request(Change("truncate", id, <<>>))
  /\ UNCHANGED <<disk, w, dead, made>>

\* No record stays: an origin with the same first id.
TruncateAll ==
  /\ Removing /\ IsSynced /\ ~IsEmpty(Latest)
  /\ Publish("truncate", WithMarkers(Latest.first, NoPredecessor, FALSE, Latest.first - 1, <<>>, FirstMarkers(<<>>)),
             0, FALSE)
  /\ Request(Change("truncate", Latest.first - 1, <<>>))
  /\ UNCHANGED <<disk, w, dead, made>>

\* All records go, and the next one must have this id: a pinned origin.
Reset(id) ==
  /\ Removing
  /\ Publish("reset", WithMarkers(id, NoPredecessor, TRUE, id - 1, <<>>, FirstMarkers(<<>>)), 0, FALSE)
  /\ Request(Change("reset", id, <<>>))
  /\ UNCHANGED <<disk, w, dead, made>>

\* A trim is a marker in the tail.
Trim(id) ==
  /\ Removing /\ IsSynced /\ HasRoom /\ ~w.closed
  /\ id >= Latest.first /\ id < w.next
  /\ files' = WithTail(AddGroup(TheTail, MarkerGroup("TRIM", w.next, id, "pending")))
  /\ pc' = "trim written"
  /\ job' = [op |-> "trim", id |-> id, durably |-> FALSE]
  /\ Request(Change("trim", id, <<>>))
  /\ UNCHANGED <<spares, full, w, dead, made>>

\* The sync of its marker is the commit point of a trim. The segments before the first record are dead.
SyncTrim ==
  /\ pc = "trim written"
  /\ files' = WithTail(SyncedGroups(TheTail))
  /\ w' = [w EXCEPT !.trim = job.id, !.idle = TRUE]
  /\ dead' = dead \cup (Range(Chain(w.tail, w.trim)) \ Range(Chain(w.tail, job.id)))
  /\ job' = [job EXCEPT !.durably = dead' # {}]
  /\ pc' = "remove"
  /\ UNCHANGED <<spares, full, known, spent>>

\* Without room for the marker, the header of a new segment has the trim point.
TrimByRoll(id) ==
  /\ Removing /\ IsSynced /\ NeedsRoll
  /\ id >= Latest.first /\ id < w.next
  /\ LET empty == w.next = TheTail.base
         pred == IF empty THEN TheTail.pred ELSE [kind |-> "sealed", epoch |-> w.tail, record |-> 0]
     IN Publish("trim", WithMarkers(w.next, pred, FALSE, id, <<>>, FirstMarkers(<<>>)), w.next - 1, FALSE)
  /\ Request(Change("trim", id, <<>>))
  /\ UNCHANGED <<disk, w, dead, made>>

(***********************************************************************************)
(* Markers: an idle second, a clean close, and the first append after it.          *)
(***********************************************************************************)
Marking == spent.markers < MaxMarkers /\ spent' = [spent EXCEPT !.markers = @ + 1]

\* Nothing was written for a while. A marker declares all records durable, because no later group does so.
Idle ==
  /\ pc = "open" /\ IsSynced /\ HasRoom /\ ~w.idle /\ ~w.closed /\ Marking
  /\ job' = [op |-> "idle"] /\ pc' = "mark"
  /\ UNCHANGED <<disk, w, dead, known>>

\* The log is closed. If no group was written since the last close marker, there is nothing to write.
Close ==
  /\ pc = "open" /\ IsSynced /\ Marking
  /\ IF w.closed THEN pc' = "down" /\ w' = NoWriter /\ dead' = {} /\ UNCHANGED job
     ELSE pc' = "mark" /\ job' = [op |-> "close"] /\ UNCHANGED <<w, dead>>
  /\ UNCHANGED <<disk, known>>

\* Everything before a marker is synced. The marker is written after the groups, and then in the slot.
MarkerKind == IF job.op = "idle" THEN "IDLE" ELSE "CLOSE"

\* The marker is written after the groups.
WriteMarker ==
  /\ pc = "mark"
  /\ files' = WithTail(AddGroup(TheTail, MarkerGroup(MarkerKind, w.next, w.trim, "pending")))
  /\ pc' = "marker written"
  /\ UNCHANGED <<spares, full, memory, known, spent>>

\* The sync of the marker returns. Only then may the slot name it.
SyncMarker ==
  /\ pc = "marker written"
  /\ files' = WithTail(SyncedGroups(TheTail))
  /\ pc' = "marker synced"
  /\ UNCHANGED <<spares, full, memory, known, spent>>

\* The marker is written to the slot.
WriteSlot ==
  /\ pc = "marker synced"
  /\ files' = WithTail([TheTail EXCEPT !.slot.now = Marker(MarkerKind, w.next, w.trim)])
  /\ pc' = "slot written"
  /\ UNCHANGED <<spares, full, memory, known, spent>>

\* The sync of the slot returns, and with it the close, the idle marker, or the last step of a recovery.
SyncSlot ==
  /\ pc = "slot written"
  /\ files' = WithTail(SyncedSlot(TheTail))
  /\ CASE job.op = "idle"    -> pc' = "open" /\ w' = [w EXCEPT !.idle = TRUE] /\ job' = NoJob /\ UNCHANGED dead
       [] job.op = "close"   -> pc' = "down" /\ w' = NoWriter /\ job' = NoJob /\ dead' = {}
       [] job.op = "recover" -> pc' = "remove" /\ w' = [w EXCEPT !.closed = TRUE] /\ UNCHANGED <<job, dead>>
  /\ UNCHANGED <<spares, full, known, spent>>

\* Before anything is written behind a close marker, the slot says that the log is open again. The marker is written
\* again too, because the process that wrote it may have been killed before its sync.
Reopen ==
  /\ pc = "open" /\ w.closed
  /\ LET n == Len(TheTail.groups)
         s == [TheTail EXCEPT !.slot.now = Marker("REOPEN", w.next, w.trim)]
     IN files' = WithTail(IF s.groups[n].state = "stable" THEN s ELSE [s EXCEPT !.groups[n].state = "pending"])
  /\ pc' = "reopening"
  /\ UNCHANGED <<spares, full, memory, known, spent>>

\* The sync of the slot and of the marker returns. Groups may be written again.
SyncReopen ==
  /\ pc = "reopening"
  /\ files' = WithTail(SyncedSlot(SyncedGroups(TheTail)))
  /\ w' = [w EXCEPT !.closed = FALSE]
  /\ pc' = "open"
  /\ UNCHANGED <<spares, full, dead, job, known, spent>>

(***********************************************************************************)
(* Crashes.                                                                        *)
(***********************************************************************************)
Crashing ==
  /\ pc # "refused" /\ spent.crashes < MaxCrashes
  /\ spent' = [spent EXCEPT !.crashes = @ + 1]
  /\ pc' = "down" /\ w' = NoWriter /\ dead' = {} /\ job' = NoJob

\* The process ends, or a write or sync fails, which stops the log until it is reopened. All written bytes stay
\* visible, but a later sync of the file is no proof that they are stable.
Stuck(s) ==
  [s EXCEPT !.groups = [i \in DOMAIN @ |-> IF @[i].state = "pending" THEN [@[i] EXCEPT !.state = "stuck"] ELSE @[i]]]
Kill ==
  /\ Crashing
  /\ files' = [e \in DOMAIN files |-> Stuck(files[e])]
  /\ UNCHANGED <<spares, full, known>>

\* What a power failure may leave of a group: everything, or its first batches. Of a marker: everything or nothing.
GroupsLeft(g) ==
  IF g.state \in {"stable", "broken"} THEN {g}
  ELSE {[g EXCEPT !.state = "stable"]}
       \cup {[g EXCEPT !.state = "broken", !.batches = SubSeq(@, 1, n)] : n \in 0..Max({Len(g.batches), 1}) - 1}

RECURSIVE AllGroupsLeft(_)
AllGroupsLeft(groups) ==
  IF groups = <<>> THEN {<<>>}
  ELSE {Append(rest, g) : rest \in AllGroupsLeft(SubSeq(groups, 1, Len(groups) - 1)), g \in GroupsLeft(Back(groups))}

\* Nothing is left of broken groups at the end.
RECURSIVE Cropped(_)
Cropped(groups) ==
  IF groups # <<>> /\ Back(groups).state = "broken" /\ Back(groups).batches = <<>>
  THEN Cropped(SubSeq(groups, 1, Len(groups) - 1)) ELSE groups

\* A slot whose write was not synced has its old marker, the new one, or none. A footer is there or not.
SlotsLeft(slot) ==
  IF slot.now = slot.stable THEN {slot}
  ELSE {[now |-> m, stable |-> m] : m \in {slot.now, slot.stable, NoMarker}}
FootersLeft(footer) == IF footer.state = "pending" THEN {NoFooter, [footer EXCEPT !.state = "stable"]} ELSE {footer}

\* A name that was not synced is the new one or the old one. "spare" and "gone" mean that it is no segment any more.
NamesLeft(name) ==
  CASE name = "there" -> {"there"}
    [] name \in {"new", "recycled"} -> {"there", "spare"}
    [] name = "deleted" -> {"there", "gone"}

SegmentsLeft(s) ==
  {[s EXCEPT !.groups = Cropped(gs), !.slot = slot, !.footer = f, !.name = n] :
    gs \in AllGroupsLeft(s.groups), slot \in SlotsLeft(s.slot), f \in FootersLeft(s.footer), n \in NamesLeft(s.name)}

RECURSIVE FilesLeft(_)
FilesLeft(epochs) ==
  IF epochs = {} THEN {<<>>}
  ELSE LET e == Min(epochs) IN {(e :> s) @@ rest : s \in SegmentsLeft(files[e]), rest \in FilesLeft(epochs \ {e})}

\* The power fails. Each file, and each name, keeps any part of what was not synced.
PowerFails ==
  /\ Crashing
  /\ \E left \in FilesLeft(DOMAIN files) :
       LET there == {e \in DOMAIN files : left[e].name = "there"} IN
       /\ files' = [e \in there |-> left[e]]
       /\ spares' = spares + Cardinality({e \in DOMAIN files : left[e].name = "spare"})
  /\ acked' = 0
  /\ seen' = IF SyncEach THEN seen ELSE seen \cap Range(base.records)
  /\ UNCHANGED <<full, base, changes, trimmed, made>>

(***********************************************************************************)
(* Recovery: first it only reads, then each step leaves the same log.              *)
(***********************************************************************************)
\* The names are synced first, because no decision may rest on a file that may still vanish.
RecoverNames ==
  /\ pc = "down"
  /\ SyncNames
  /\ pc' = "decide"
  /\ UNCHANGED <<full, memory, known, spent>>

\* A directory without segments is a new log.
Create ==
  /\ pc = "decide" /\ Visible = {}
  /\ Publish("create", WithMarkers(1, NoPredecessor, FALSE, 0, <<>>, FirstMarkers(<<>>)), 0, FALSE)
  /\ UNCHANGED <<disk, w, dead, known, spent>>

\* Segments that the newest one does not lead to are dead. Trimmed ones stay for now: the marker of the trim may not
\* be stable.
Decide ==
  /\ pc = "decide" /\ Visible # {}
  /\ IF IsRefused THEN pc' = "refused" /\ UNCHANGED <<w, dead, job>>
     ELSE LET s == files[Newest] IN
          /\ w' = [tail |-> Newest, next |-> LastId(s) + 1, durable |-> DurableId(s), trim |-> TrimPoint(s),
                   closed |-> IsClosed(s), idle |-> TRUE]
          /\ dead' = Visible \ Range(Chain(Newest, 0))
          /\ job' = [op |-> "recover"]
          /\ pc' = "sweep"
  /\ UNCHANGED <<disk, known, spent>>

\* All dead segments are removed. If there were any, their removal is synced.
Swept ==
  /\ pc = "sweep" /\ dead = {}
  /\ IF Visible = DOMAIN files THEN UNCHANGED <<files, spares>> ELSE SyncNames
  /\ pc' = "refoot"
  /\ UNCHANGED <<full, memory, known, spent>>

\* If perhaps nothing was written to the tail since it was created, its predecessor's footer may be missing or not
\* stable. It is written again.
Refoot ==
  /\ pc = "refoot"
  /\ LET chain == Chain(w.tail, w.trim) IN
     IF Len(chain) > 1 /\ MayBeNew(TheTail) /\ files[chain[2]].footer.state # "stable"
     THEN /\ files' = [files EXCEPT ![chain[2]].footer =
                         [next |-> IF @.state = "none" THEN TheTail.base ELSE @.next, state |-> "pending"]]
          /\ pc' = "refoot written"
     ELSE pc' = "supersede" /\ UNCHANGED files
  /\ UNCHANGED <<spares, full, memory, known, spent>>

\* The sync of the footer returns.
SyncRefoot ==
  /\ pc = "refoot written"
  /\ files' = [files EXCEPT ![Chain(w.tail, w.trim)[2]].footer.state = "stable"]
  /\ pc' = "supersede"
  /\ UNCHANGED <<spares, full, memory, known, spent>>

\* A log that was closed continues in its tail. Trimmed segments are removed: the close makes the trim durable.
Resume ==
  /\ pc = "supersede" /\ w.closed
  /\ dead' = Visible \ Range(Chain(w.tail, w.trim))
  /\ pc' = "remove"
  /\ UNCHANGED <<disk, w, job, known, spent>>

\* Otherwise a new segment supersedes everything after the last whole batch, and takes the records that nothing proves
\* to be synced.
Unproven == w.durable < w.next - 1

\* If they fit into no spare, they are first written again in place.
RewriteInPlace ==
  /\ pc = "supersede" /\ ~w.closed /\ Unproven /\ FALSE \in MayFit
  /\ files' = WithTail([TheTail EXCEPT !.groups =
       [i \in DOMAIN @ |-> IF @[i].state = "stuck" /\ i <= Intact(TheTail)
                           THEN [@[i] EXCEPT !.state = "stable"] ELSE @[i]]])
  /\ w' = [w EXCEPT !.durable = w.next - 1]
  /\ UNCHANGED <<spares, full, pc, dead, job, known, spent>>

\* If the reserve is not complete, an earlier recovery took a spare for good and left its copy as the only group of the
\* tail. It is copied again, so that the old tail becomes a spare.
WouldTakeLast == Pool < Reserve /\ Cardinality({g \in Valid(TheTail) : g.kind = "RECORDS"}) = 1

Supersede ==
  /\ pc = "supersede" /\ ~w.closed
  /\ LET s == TheTail
         last == w.next - 1
         proven == IF WouldTakeLast THEN s.base - 1 ELSE Min({w.durable, last})
     IN
     \E small \in MayCopy :
       LET first == IF last < s.base \/ small THEN s.base ELSE Max({s.base, proven + 1})
           pred == IF first = s.base THEN s.pred
                   ELSE [kind |-> "cut", epoch |-> w.tail, record |-> RecordAt(s, first - 1)]
           copy == Suffix(Batches(s), first - s.base)
           isProven == last <= proven
       IN Publish("recover",
                  WithMarkers(first, pred, s.pin /\ last < s.base, w.trim, copy,
                              IF isProven THEN "close" ELSE "none"),
                  IF first = s.base THEN last ELSE first - 1, ~isProven)
  /\ UNCHANGED <<disk, w, dead, known, spent>>

\* Opening returns. What it found is what the log holds from now on.
Opened ==
  /\ pc = "remove" /\ dead = {} /\ job.op = "recover"
  /\ LET found == Found
         n == Min({i \in 0..Len(changes) : Outcome(i) = found} \cup {Len(changes)}) IN
     IF SyncEach /\ n > 0 /\ changes[n].op = "append"
     THEN changes' = SubSeq(changes, 1, n) /\ UNCHANGED <<base, trimmed>>
     ELSE /\ base' = found /\ changes' = <<>>
          /\ trimmed' = trimmed \cup
               IF n > 0 /\ changes[n].op = "trim" THEN Range(Outcome(n - 1).records) \ Range(found.records) ELSE {}
  /\ acked' = 0
  /\ seen' = Range(Found.records)
  /\ pc' = "open" /\ job' = NoJob
  /\ UNCHANGED <<disk, w, dead, made, spent>>

\* Other programs fill the disk, or free some of it.
DiskChanges ==
  /\ pc = "open"
  /\ full' = ~full
  /\ UNCHANGED <<files, spares, pc, memory, known, spent>>

(***********************************************************************************)
(* The whole.                                                                      *)
(***********************************************************************************)
Ids == 1..MaxRecords + 2

Publishing == SettleSpares \/ MakeSpare \/ Rename \/ CommitNames \/ WriteFooter \/ SyncFooter \/ Continue
                \/ Remove \/ Return \/ SyncRemoval
Appending == SyncGroup \/ Answer \/ Roll \/ \E sizes \in BatchSizes : Write(sizes)
Removals == TruncateAll \/ SyncTrim \/ \E id \in Ids : Truncate(id) \/ Trim(id) \/ TrimByRoll(id)
StartingOver ==
  \/ \E id \in {1, w.next + 1} : Reset(id)
  \/ \E sizes \in BatchSizes : Start(w.next + 1, sizes)
Markers == Idle \/ Close \/ WriteMarker \/ SyncMarker \/ WriteSlot \/ SyncSlot \/ Reopen \/ SyncReopen
Recovering == RecoverNames \/ Create \/ Decide \/ Swept \/ Refoot \/ SyncRefoot \/ Resume \/ RewriteInPlace \/ Supersede
                \/ Opened

Step == Publishing \/ Appending \/ Sync \/ Removals \/ StartingOver \/ Markers \/ Recovering \/ Kill \/ PowerFails
              \/ DiskChanges

Spec == Init /\ [][Step]_vars

(***********************************************************************************)
(* What must be true, numbered as in docs/guarantees.md. found is what a kill at   *)
(* this moment leaves; after a power failure, it is what recovery finds.           *)
(***********************************************************************************)
\* G1: every acknowledged record is there, unless a removal that was requested takes it away.
Durable(found) == \E c \in Outcomes : Range(c.records) \subseteq Range(found.records)

\* G2: the acknowledged records, then further records in the order of their calls; no gap, no other record.
Prefixed(found) ==
  \E n \in acked..Len(changes) :
    \/ found.records = Outcome(n).records
    \/ /\ n < Len(changes) /\ changes[n + 1].op = "append"
       /\ \E m \in 0..Len(changes[n + 1].records) :
            found.records = Outcome(n).records \o SubSeq(changes[n + 1].records, 1, m)

\* G3: of a batch whose append was not acknowledged, all records are there or none, unless a removal was requested after
\* it.
Atomic(found) ==
  \A n \in acked + 1..Len(changes) :
    (\A m \in n..Len(changes) : changes[m].op \in {"append", "start"}) =>
      LET batch == Range(changes[n].records) IN
      batch \subseteq Range(found.records) \/ batch \cap Range(found.records) = {}

\* G4: a record that a reader may have seen is there, unless a removal that was requested takes it away.
VisibleIsDurable(found) ==
  \A r \in seen \ Range(found.records) :
    \E n \in 1..Len(changes) : r \notin Range(Outcome(n).records) /\ r \in Range(Outcome(n - 1).records)

\* G6: a record that was truncated, lost by a reset, or dropped by a recovery never comes back.
StaysTruncated(found) == Range(found.records) \subseteq trimmed \cup UNION {Range(c.records) : c \in Outcomes}

\* G7: a trimmed record never comes back, and no trim removes more than was asked.
StaysTrimmed(found) ==
  /\ Range(found.records) \cap trimmed = {}
  /\ found.first \in {c.first : c \in Outcomes}

\* G9: a crash leaves no directory that opening takes for damaged, and no operation that must work on a full disk is
\* without a spare.
Opens == /\ pc # "refused"
         /\ pc = "take" /\ full => Pool > 0

\* G12: the next id, and whether it is pinned, are those of the table.
IdsContinue(found) ==
  \E c \in Outcomes : Next(found) = Next(c) /\ (IsEmpty(found) => found.pin = c.pin)

\* The writer's memory agrees with the disk.
MemoryIsRight(found) == pc = "open" => w.tail = Newest /\ w.next = LastId(TheTail) + 1 /\ found = Latest

\* The promises that this state breaks. (One operator, because finding the records is most of the work.)
Broken ==
  LET found == Found IN
  {g \in {"G1", "G2", "G3", "G4", "G6", "G7", "G9", "G12", "memory"} :
     CASE g = "G1" -> ~Durable(found)
       [] g = "G2" -> ~Prefixed(found)
       [] g = "G3" -> ~Atomic(found)
       [] g = "G4" -> ~VisibleIsDurable(found)
       [] g = "G6" -> ~StaysTruncated(found)
       [] g = "G7" -> ~StaysTrimmed(found)
       [] g = "G9" -> ~Opens
       [] g = "G12" -> ~IdsContinue(found)
       [] g = "memory" -> ~MemoryIsRight(found)}

Promises == LET broken == Broken IN broken = {} \/ ~PrintT(<<"broken", broken>>)

=====================================================================================
