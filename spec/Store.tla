----------------------------------- MODULE Store ------------------------------------
(***********************************************************************************)
(* Many logs on one: the plan of a store, before its code. Every change of a log   *)
(* is a record of a shared log, and what a log holds is what a replay of the       *)
(* shared log says. The shared log is a sequence of atomic batches; that it is one *)
(* is what the module Log shows. A record's place is its id in the shared log.     *)
(***********************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS
  Names,       \* The names of logs.
  Capacity,    \* Number of places that the disk has room for.
  Kept,        \* Number of these places that only removals and the store's own records may take.
  InFlight,    \* Number of batches that may be in flight.
  MaxOps,      \* Bounds of the search: calls,
  MaxRemovals, \* those of them that remove something,
  MaxOwn,      \* records that the store writes for itself,
  MaxTroubles  \* crashes, refusals and damaged checkpoints.

VARIABLES
  shared,      \* The shared log, from place 1 on. Trimmed places stay here, but nothing may read them.
  head,        \* The first place that is not trimmed.
  bad,         \* Places of checkpoints that are damaged.
  queue,       \* The batches in flight, in the order of their numbers.
  mem,         \* What the store knows of each living log: the records applied so far.
  picked,      \* The record that a pass has read and will append again.
  open,        \* Whether the store is open.
  want,        \* What the acknowledged calls say that each log holds.
  made,        \* Number of records appended so far; each record is a new number.
  spent        \* What the search has used of its bounds.

vars == <<shared, head, bad, queue, mem, picked, open, want, made, spent>>

Max(S) == CHOOSE x \in S : \A y \in S : y <= x
Min(S) == CHOOSE x \in S : \A y \in S : x <= y

(***********************************************************************************)
(* Records. A log's number is the place of its CREATE record, so none is used      *)
(* twice (rule 1).                                                                 *)
(***********************************************************************************)
Record(kind, log, id, value) == [kind |-> kind, log |-> log, id |-> id, value |-> value, from |-> 0]
Moved(log, id, value, from) == [kind |-> "MOVED", log |-> log, id |-> id, value |-> value, from |-> from]

\* A log: its name, first and next id, whether the next id is pinned, a small value, and the place of each record.
NewLog(name) == [name |-> name, first |-> 1, next |-> 1, pin |-> FALSE, value |-> 0, place |-> <<>>]
Corrupt == 0 :> "corrupt"
IsCorrupt(logs) == 0 \in DOMAIN logs

Restricted(f, S) == [x \in DOMAIN f \cap S |-> f[x]]
With(f, x, y) == (x :> y) @@ f

\* The state after one record. A record whose number is not alive is dead (rule 1).
Applied(logs, r, place) ==
  IF IsCorrupt(logs) THEN logs
  ELSE IF r.kind = "CREATE" THEN With(logs, place, NewLog(r.value))
  ELSE IF r.kind \in {"INDEX", "CHECKPOINT"} \/ r.log \notin DOMAIN logs THEN logs
  ELSE LET l == logs[r.log] IN
  CASE r.kind = "APPEND" ->      \* Rule 2: it is the log's next record, or begins an empty log that is not pinned.
         IF r.id = l.next
         THEN With(logs, r.log, [l EXCEPT !.next = r.id + 1, !.pin = FALSE, !.place = With(@, r.id, place)])
         ELSE IF l.first = l.next /\ ~l.pin
         THEN With(logs, r.log, [l EXCEPT !.first = r.id, !.next = r.id + 1, !.place = r.id :> place])
         ELSE Corrupt
    [] r.kind = "MOVED" ->       \* Rule 3: only if the record is still where it came from.
         IF r.id >= l.first /\ r.id < l.next /\ r.id \in DOMAIN l.place /\ l.place[r.id] = r.from
         THEN With(logs, r.log, [l EXCEPT !.place[r.id] = place]) ELSE logs
    [] r.kind = "TRUNCATE" ->
         With(logs, r.log, [l EXCEPT !.next = r.id + 1, !.pin = FALSE, !.place = Restricted(@, 1..r.id)])
    [] r.kind = "TRIM" -> With(logs, r.log, [l EXCEPT !.first = r.id + 1, !.place = Restricted(@, r.id + 1..l.next)])
    [] r.kind = "RESET" -> With(logs, r.log, [l EXCEPT !.first = r.id, !.next = r.id, !.pin = TRUE, !.place = <<>>])
    [] r.kind = "PUT" -> With(logs, r.log, [l EXCEPT !.value = r.value])
    [] r.kind = "DELETE" -> Restricted(logs, DOMAIN logs \ {r.log})

RECURSIVE Replayed(_, _, _)
Replayed(logs, records, place) ==
  IF records = <<>> THEN logs ELSE Replayed(Applied(logs, Head(records), place), Tail(records), place + 1)

(***********************************************************************************)
(* Opening (rules 4 to 6). An index record lists what is live in its window. A     *)
(* checkpoint lists the living logs, without places. Opening takes the newest      *)
(* checkpoint that is not damaged, the places from the index records before it,    *)
(* and replays everything after it.                                                *)
(***********************************************************************************)
Places == head..Len(shared)
Of(kind) == {p \in Places : shared[p].kind = kind}
Start == LET good == Of("CHECKPOINT") \ bad IN IF good = {} THEN head - 1 ELSE Max(good)

\* Later windows win: the same id may have been appended again, or moved.
RECURSIVE Indexed(_, _, _)
Indexed(log, indexes, place) ==
  IF indexes = {} THEN place
  ELSE LET i == Min(indexes)
           mine == {e \in shared[i].value : e[1] = log}
       IN Indexed(log, indexes \ {i}, [id \in {e[2] : e \in mine} |-> (CHOOSE e \in mine : e[2] = id)[3]] @@ place)

Opened ==
  LET start == Start
      logs == IF start < head THEN <<>> ELSE shared[start].value
      indexes == {i \in Of("INDEX") : i < start}
      known == [n \in DOMAIN logs |->
                 [logs[n] EXCEPT !.place = Restricted(Indexed(n, indexes, <<>>), logs[n].first..logs[n].next - 1)]]
  IN Replayed(known, SubSeq(shared, start + 1, Len(shared)), start + 1)

\* What callers see of the logs: by name, the ids, the pin, the small value and the records that can be read.
Readable(place) == place \in Places
Seen(logs) ==
  [name \in {logs[n].name : n \in DOMAIN logs} |->
     LET l == logs[CHOOSE n \in DOMAIN logs : logs[n].name = name] IN
     [first |-> l.first, next |-> l.next, pin |-> l.pin, value |-> l.value,
      records |-> [id \in {x \in DOMAIN l.place : Readable(l.place[x])} |-> shared[l.place[id]].value]]]

(***********************************************************************************)
(* Calls. A call is numbered and encoded against what the queue will have applied. *)
(***********************************************************************************)
RECURSIVE Queued(_)
Queued(n) == IF n = 0 THEN <<>> ELSE Queued(n - 1) \o queue[n].records
Numbered == Replayed(mem, Queued(Len(queue)), Len(shared) + 1)
NextPlace == Len(shared) + Len(Queued(Len(queue))) + 1
Used == NextPlace - head
Number(logs, name) == CHOOSE n \in DOMAIN logs : logs[n].name = name
Has(logs, name) == \E n \in DOMAIN logs : logs[n].name = name

\* calls is what the batch does to the logs by name, as the contract says.
Submit(records, calls) ==
  /\ Len(queue) < InFlight
  /\ queue' = Append(queue, [records |-> records, calls |-> calls])
  /\ UNCHANGED <<shared, head, bad, mem, want>>

Call(op, name, id, value) == [op |-> op, name |-> name, id |-> id, value |-> value]
Calling(removes) ==
  /\ spent.ops < MaxOps
  /\ removes => spent.removals < MaxRemovals
  /\ spent' = [spent EXCEPT !.ops = @ + 1, !.removals = IF removes THEN @ + 1 ELSE @]
  \* Rule 9: appends, puts and new logs leave the reserve; removals may use it.
  /\ IF removes THEN Used + 1 <= Capacity ELSE Used + 2 <= Capacity - Kept

\* A log is made, and gets its number.
Create(name) ==
  /\ Calling(FALSE) /\ ~Has(Numbered, name)
  /\ Submit(<<Record("CREATE", 0, 0, name)>>, <<Call("create", name, 0, 0)>>)
  /\ UNCHANGED made

\* One record is appended to each of these logs, in one batch.
AppendTo(names) ==
  LET logs == Numbered
      order == CHOOSE s \in [1..Cardinality(names) -> names] : {s[i] : i \in DOMAIN s} = names
      id(i) == logs[Number(logs, order[i])].next
  IN
  /\ Calling(FALSE) /\ names # {} /\ \A n \in names : Has(logs, n)
  /\ Submit([i \in DOMAIN order |-> Record("APPEND", Number(logs, order[i]), id(i), made + i)],
            [i \in DOMAIN order |-> Call("append", order[i], id(i), made + i)])
  /\ made' = made + Cardinality(names)

\* The small value of a log is changed.
Put(name) ==
  LET logs == Numbered IN
  /\ Calling(FALSE) /\ Has(logs, name)
  /\ Submit(<<Record("PUT", Number(logs, name), 0, made + 1)>>, <<Call("put", name, 0, made + 1)>>)
  /\ made' = made + 1

\* The newest record is truncated, the oldest trimmed, or the log is reset or deleted.
Remove(name, kind) ==
  LET logs == Numbered  n == Number(logs, name)  l == logs[n]
      id == CASE kind = "TRUNCATE" -> l.next - 2 [] kind = "TRIM" -> l.first [] kind = "RESET" -> 1 [] OTHER -> 0
  IN
  /\ Has(logs, name)
  /\ kind \in {"TRUNCATE", "TRIM"} => l.first < l.next
  /\ Calling(TRUE)
  /\ Submit(<<Record(kind, n, id, 0)>>, <<Call(kind, name, id, 0)>>)
  /\ UNCHANGED made

(***********************************************************************************)
(* What the acknowledged calls say, independent of records.                        *)
(***********************************************************************************)
Nothing == [first |-> 1, next |-> 1, pin |-> FALSE, value |-> 0, records |-> <<>>]
Done(logs, call) ==
  IF call.op = "create" THEN With(logs, call.name, Nothing)
  ELSE IF call.name \notin DOMAIN logs THEN logs
  ELSE LET l == logs[call.name] IN
  CASE call.op = "append" ->
         With(logs, call.name, [l EXCEPT !.next = @ + 1, !.pin = FALSE, !.records = With(@, l.next, call.value)])
    [] call.op = "put" -> With(logs, call.name, [l EXCEPT !.value = call.value])
    [] call.op = "TRUNCATE" ->
         With(logs, call.name, [l EXCEPT !.next = @ - 1, !.records = Restricted(@, l.first..l.next - 2)])
    [] call.op = "TRIM" ->
         With(logs, call.name, [l EXCEPT !.first = @ + 1, !.records = Restricted(@, l.first + 1..l.next)])
    [] call.op = "RESET" -> With(logs, call.name, [l EXCEPT !.first = 1, !.next = 1, !.pin = TRUE, !.records = <<>>])
    [] call.op = "DELETE" -> Restricted(logs, DOMAIN logs \ {call.name})

RECURSIVE AllDone(_, _)
AllDone(logs, calls) == IF calls = <<>> THEN logs ELSE AllDone(Done(logs, Head(calls)), Tail(calls))

(***********************************************************************************)
(* The shared log commits batches in order. It may refuse one; then those behind   *)
(* it, which were numbered before the refusal was known, are refused too (rule 8). *)
(***********************************************************************************)
Commit ==
  /\ queue # <<>>
  /\ shared' = shared \o Head(queue).records
  /\ mem' = Replayed(mem, Head(queue).records, Len(shared) + 1)
  /\ want' = AllDone(want, Head(queue).calls)
  /\ queue' = Tail(queue)
  /\ UNCHANGED <<head, bad, made, spent>>

Trouble == spent.troubles < MaxTroubles /\ spent' = [spent EXCEPT !.troubles = @ + 1]

\* The shared log refuses the first batch. All batches in flight are refused.
Refuse ==
  /\ queue # <<>> /\ Trouble
  /\ queue' = <<>>
  /\ UNCHANGED <<shared, head, bad, mem, want, made>>

RECURSIVE QueuedCalls(_)
QueuedCalls(n) == IF n = 0 THEN <<>> ELSE QueuedCalls(n - 1) \o queue[n].calls

\* The process ends. Of the batches in flight, the first ones may have become durable.
Crash ==
  /\ Trouble /\ open
  /\ \E n \in 0..Len(queue) :
       /\ shared' = shared \o Queued(n)
       /\ want' = AllDone(want, QueuedCalls(n))
  /\ queue' = <<>> /\ mem' = <<>> /\ picked' = <<>> /\ open' = FALSE
  /\ UNCHANGED <<head, bad, made>>

\* The store is opened after a crash.
Open ==
  /\ ~open
  /\ mem' = Opened /\ open' = TRUE
  /\ UNCHANGED <<shared, head, bad, queue, picked, want, made, spent>>

\* One checkpoint may be damaged later: a bad sector.
Damage ==
  /\ Trouble /\ bad = {}
  /\ \E p \in Of("CHECKPOINT") : bad' = {p}
  /\ UNCHANGED <<shared, head, queue, mem, picked, open, want, made>>

(***********************************************************************************)
(* What the store writes for itself.                                               *)
(***********************************************************************************)
\* They leave a place for each removal that may still be requested.
Own(records) ==
  /\ spent.own < MaxOwn /\ Used + Len(records) + MaxRemovals - spent.removals <= Capacity
  /\ spent' = [spent EXCEPT !.own = @ + 1]
  /\ Submit(records, <<>>)
  /\ UNCHANGED made

LivePlaces(logs) == UNION {{logs[n].place[id] : id \in DOMAIN logs[n].place} : n \in DOMAIN logs}
IndexPlaces == {p \in 1..Len(shared) : shared[p].kind = "INDEX"}
LastIndex == Max(IndexPlaces \cup {0})

\* The end of a window: an index record of what is live in it, and perhaps a checkpoint, in one batch.
Seal(checkpoint) ==
  LET logs == Numbered
      recent(n) == {id \in DOMAIN logs[n].place : logs[n].place[id] > LastIndex}
      live == UNION {{<<n, id, logs[n].place[id]>> : id \in recent(n)} : n \in DOMAIN logs}
      index == Record("INDEX", 0, 0, live)
      state == [n \in DOMAIN logs |-> [logs[n] EXCEPT !.place = <<>>]]
  IN
  /\ \A i \in DOMAIN queue : \A j \in DOMAIN queue[i].records : queue[i].records[j].kind # "INDEX"
  /\ Own(IF checkpoint THEN <<index, Record("CHECKPOINT", 0, 0, state)>> ELSE <<index>>)
  /\ UNCHANGED <<picked, open>>

\* A pass takes the oldest live record out of a window whose index record is durable. It reads the record, and appends
\* it again later; meanwhile the log may change.
Pick ==
  LET oldest == Min(LivePlaces(mem))  n == CHOOSE n \in DOMAIN mem : oldest \in LivePlaces([x \in {n} |-> mem[n]]) IN
  /\ open /\ picked = <<>> /\ spent.own < MaxOwn
  /\ LivePlaces(mem) # {} /\ oldest < LastIndex
  /\ picked' = <<Moved(n, shared[oldest].id, shared[oldest].value, oldest)>>
  /\ UNCHANGED <<shared, head, bad, queue, mem, open, want, made, spent>>

\* The record that was read is appended again.
Move ==
  /\ picked # <<>>
  /\ Own(picked)
  /\ picked' = <<>> /\ UNCHANGED open

\* Rule 7: the shared log is trimmed below every live place and below the second newest checkpoint. It also keeps the
\* places out of which a record was moved after that checkpoint: a replay that begins there must find the record where
\* it came from, or it takes the move for a dead one (decision 24).
Checkpoints == Of("CHECKPOINT")
SecondNewest == Max(Checkpoints \ {Max(Checkpoints)})
MovedLater == {shared[p].from : p \in {x \in Of("MOVED") : x > SecondNewest}}
TrimLimits == LivePlaces(mem) \cup {SecondNewest} \cup MovedLater
Trim ==
  /\ open /\ Cardinality(Checkpoints) > 1
  /\ Min(TrimLimits) > head
  /\ head' = Min(TrimLimits)
  /\ UNCHANGED <<shared, bad, queue, mem, picked, open, want, made, spent>>

(***********************************************************************************)
(* The whole.                                                                      *)
(***********************************************************************************)
Init ==
  /\ shared = <<>> /\ head = 1 /\ bad = {} /\ queue = <<>> /\ mem = <<>> /\ picked = <<>> /\ open = TRUE
  /\ want = <<>> /\ made = 0
  /\ spent = [ops |-> 0, removals |-> 0, own |-> 0, troubles |-> 0]

Calls ==
  /\ open
  /\ \/ \E name \in Names : Create(name) \/ Put(name)
     \/ \E names \in SUBSET Names : AppendTo(names)
     \/ \E name \in Names, kind \in {"TRUNCATE", "TRIM", "RESET", "DELETE"} : Remove(name, kind)
  /\ UNCHANGED <<picked, open>>

Step ==
  \/ Calls
  \/ (Commit \/ Refuse) /\ UNCHANGED <<picked, open>>
  \/ Crash \/ Open \/ Damage
  \/ open /\ \E checkpoint \in BOOLEAN : Seal(checkpoint)
  \/ Pick \/ Move \/ Trim

Spec == Init /\ [][Step]_vars

(***********************************************************************************)
(* What must be true, now and after a crash now: it would find Opened.             *)
(***********************************************************************************)
\* Each log is what its acknowledged calls say.
IsTrue(logs) == Seen(logs) = want

\* No deleted log comes back.
NothingReturns(logs) == {logs[n].name : n \in DOMAIN logs} \subseteq DOMAIN want

\* No record that a log holds is at a place that was trimmed.
NothingLiveIsTrimmed == \A p \in LivePlaces(mem) : p >= head

\* On a full disk there is room for a removal.
RemovalsFit == open /\ queue = <<>> /\ spent.removals < MaxRemovals => Used + 1 <= Capacity

Broken ==
  LET opened == Opened IN
  {p \in {"opens", "true", "returns", "true in memory", "trimmed", "full"} :
     CASE p = "opens" -> IsCorrupt(opened) \/ IsCorrupt(mem)
       [] p = "true" -> ~IsCorrupt(opened) /\ ~IsTrue(opened)
       [] p = "returns" -> ~IsCorrupt(opened) /\ ~NothingReturns(opened)
       [] p = "true in memory" -> open /\ ~IsCorrupt(mem) /\ ~IsTrue(mem)
       [] p = "trimmed" -> ~IsCorrupt(mem) /\ ~NothingLiveIsTrimmed
       [] p = "full" -> ~RemovalsFit}

Promises == LET broken == Broken IN broken = {} \/ ~PrintT(<<"broken", broken>>)

=====================================================================================
