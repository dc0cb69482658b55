--------------------------------- MODULE StoreLive ----------------------------------
(***********************************************************************************)
(* Liveness of a store: the space behind a log that lags is returned. A lagging    *)
(* log keeps an old record, which nobody trims. The head of the shared log cannot  *)
(* pass this record, so the places of all dead records behind it stay in use. A    *)
(* pass moves such records to the end, writes two checkpoints, and then the shared *)
(* log can be trimmed. In the module Store, the store may take these steps at any  *)
(* time and need not take them. Here a rule says when it takes them.               *)
(***********************************************************************************)
EXTENDS Store

CONSTANT
  Tolerated    \* A pass begins if more than this number of places hold no live record.

VARIABLES
  goal,        \* The pass under way ends when the places up to this one are trimmed. 0: no pass is under way.
  quiet        \* Whether nothing happens from outside any more: no call, no crash, no refusal, no damage.

all == <<vars, goal, quiet>>

(***********************************************************************************)
(* The first state: "a" holds one record and lags; "b" was created and changed.    *)
(***********************************************************************************)
FirstRecords ==
  <<Record("CREATE", 0, 0, "a"), Record("APPEND", 1, 1, 1), Record("CREATE", 0, 0, "b"),
    Record("PUT", 3, 0, 2), Record("PUT", 3, 0, 3), Record("PUT", 3, 0, 4)>>
FirstCalls ==
  <<Call("create", "a", 0, 0), Call("append", "a", 1, 1), Call("create", "b", 0, 0),
    Call("put", "b", 0, 2), Call("put", "b", 0, 3), Call("put", "b", 0, 4)>>

LiveInit ==
  /\ shared = FirstRecords /\ mem = Replayed(<<>>, FirstRecords, 1) /\ want = AllDone(<<>>, FirstCalls) /\ made = 4
  /\ head = 1 /\ bad = {} /\ queue = <<>> /\ picked = <<>> /\ open = TRUE
  /\ spent = [ops |-> 0, removals |-> 0, own |-> 0, troubles |-> 0]
  /\ goal = 0 /\ quiet = FALSE

(***********************************************************************************)
(* A pass.                                                                         *)
(***********************************************************************************)
\* Number of places, up to a place, that hold no live record.
WastedUpTo(place) == Cardinality((head..place) \ LivePlaces(mem))
Wasted == WastedUpTo(Len(shared))

\* A pass begins if no trim returns the space without it. The goal is a window that is sealed already, if there is one
\* with enough waste before its end. A pass that a crash has interrupted therefore goes on where it was, instead of
\* moving again what it had moved.
MayTrimTo(place) == Cardinality(Checkpoints) > 1 /\ Min(TrimLimits) >= place
Begin ==
  /\ open /\ goal = 0 /\ Wasted > Tolerated /\ ~MayTrimTo(head + 1)
  /\ LET sealed == {i \in Of("INDEX") : WastedUpTo(i) > Tolerated}
     IN goal' = IF sealed = {} THEN Len(shared) ELSE Min(sealed)
  /\ UNCHANGED <<vars, quiet>>

InQueue(kind) == \E i \in DOMAIN queue : \E j \in DOMAIN queue[i].records : queue[i].records[j].kind = kind
ToMove == {p \in LivePlaces(mem) : p <= goal}

\* First, an index record of the window that the goal is in.
SealGoal ==
  /\ open /\ goal # 0 /\ ToMove # {} /\ LastIndex < goal
  /\ Seal(FALSE)

\* Then the records up to the goal are moved, one after the other.
MoveNext ==
  /\ goal # 0 /\ ToMove # {} /\ LastIndex >= goal /\ ~InQueue("MOVED")
  /\ Pick

\* Then checkpoints, until the shared log may be trimmed beyond the goal.
WriteCheckpoint ==
  /\ open /\ goal >= head /\ ToMove = {} /\ picked = <<>> /\ ~InQueue("MOVED") /\ ~MayTrimTo(goal + 1)
  /\ Seal(TRUE)

\* The pass is done.
Finish == goal # 0 /\ head > goal /\ goal' = 0 /\ UNCHANGED <<vars, quiet>>

(***********************************************************************************)
(* The whole.                                                                      *)
(***********************************************************************************)
\* Nothing forces these steps to happen.
Happens ==
  \/ (Calls \/ Damage \/ (Refuse /\ UNCHANGED <<picked, open>>)) /\ UNCHANGED goal
  \/ Crash /\ goal' = 0

Works ==
  \/ (Commit /\ UNCHANGED <<picked, open>>) /\ UNCHANGED <<goal, quiet>>
  \/ (Open \/ SealGoal \/ MoveNext \/ Move \/ WriteCheckpoint \/ Trim) /\ UNCHANGED <<goal, quiet>>
  \/ Begin \/ Finish

\* At some moment it becomes quiet. From then on the store works for itself, until nothing is left to do. If it comes to
\* a stop before, TLC reports a deadlock. (LogLive says more.)
BecomesQuiet == quiet' = TRUE /\ UNCHANGED <<vars, goal>>

\* Nobody waits, and no space is to be returned.
Rest == quiet /\ open /\ queue = <<>> /\ goal = 0 /\ Wasted <= Tolerated

LiveStep ==
  \/ ~quiet /\ (BecomesQuiet \/ (Happens /\ UNCHANGED quiet))
  \/ Works /\ all' # all
  \/ Rest /\ UNCHANGED all

LiveSpec == LiveInit /\ [][LiveStep]_all /\ <>[]quiet /\ []<><<TRUE>>_all

(***********************************************************************************)
(* What must come true.                                                            *)
(***********************************************************************************)
\* Each call in flight is answered: it is committed or refused, or the process ends.
Answered == queue # <<>> ~> queue = <<>>

\* The space of dead records is returned, although a log lags and even if the disk is full.
SpaceReturns == Wasted > Tolerated ~> Wasted <= Tolerated

=====================================================================================
