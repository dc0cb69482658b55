---------------------------------- MODULE LogLive -----------------------------------
(***********************************************************************************)
(* Liveness of one log: each append that waits is answered. It is acknowledged, or *)
(* refused because the disk is full, or its process ends. The module Log does not  *)
(* say who waits. This module adds the callers of append and the leadership of the *)
(* commit queue: a caller leads, writes one group for all callers that wait, and   *)
(* passes the leadership on (docs/decisions/0001-callers-lead.md).                 *)
(***********************************************************************************)
EXTENDS Log

CONSTANT
  Callers      \* The threads that append. Each appends one record at a time.

VARIABLES
  call,        \* The append of each caller: "none", "queued", or "written", which means that its group is not synced.
  leader,      \* Who leads: a caller, "other", which is the thread of an operation, or "nobody".
  quiet        \* Whether nothing happens from outside any more: no call, no crash, no change of the disk's free space.

queue == <<call, leader>>
all == <<vars, call, leader, quiet>>

Waiting == {c \in Callers : call[c] = "queued"}

(***********************************************************************************)
(* What callers do, and when.                                                      *)
(***********************************************************************************)
LiveInit == Init /\ call = [c \in Callers |-> "none"] /\ leader = "nobody" /\ quiet = FALSE

\* Whether the log takes calls: it was opened, and no close is under way.
TakesCalls == (pc = "open" \/ leader # "nobody") /\ job.op # "close"

\* A caller queues its append. If nobody leads, the caller leads.
Arrive(c) ==
  /\ TakesCalls /\ call[c] = "none" /\ made + Cardinality(Waiting) < MaxRecords
  /\ call' = [call EXCEPT ![c] = "queued"]
  /\ leader' = IF leader = "nobody" THEN c ELSE leader
  /\ UNCHANGED vars

\* A removal, an idle marker or a close begins. A close waits for the appends that were queued before it.
Operate ==
  /\ leader = "nobody" \/ leader \in Waiting
  /\ \/ TruncateAll \/ Idle
     \/ \E id \in Ids : Truncate(id) \/ Trim(id) \/ TrimByRoll(id)
     \/ \E id \in {1, w.next + 1} : Reset(id)
     \/ Waiting = {} /\ Close
  /\ leader' = IF pc' = "down" THEN "nobody" ELSE IF leader = "nobody" THEN "other" ELSE leader
  /\ UNCHANGED call

\* The process ends, or a write or sync fails. Either ends all calls.
End ==
  /\ Kill \/ PowerFails
  /\ call' = [c \in Callers |-> "none"] /\ leader' = "nobody"

\* Nothing forces these steps to happen.
Happens ==
  \/ \E c \in Callers : Arrive(c)
  \/ Operate \/ End
  \/ DiskChanges /\ UNCHANGED queue

(***********************************************************************************)
(* What the log does.                                                              *)
(***********************************************************************************)
\* The leader writes the records of all callers that wait. In PROCESS_CRASH this answers them.
WriteGroup ==
  /\ leader \in Waiting
  /\ Write([i \in 1..Cardinality(Waiting) |-> 1])
  /\ call' = [c \in Callers |-> IF c \notin Waiting THEN call[c] ELSE IF SyncEach THEN "written" ELSE "none"]
  /\ UNCHANGED leader

\* The callers of the group are told. The leader still leads.
AnswerGroup ==
  /\ Answer
  /\ call' = [c \in Callers |-> IF call[c] = "written" THEN "none" ELSE call[c]]
  /\ UNCHANGED leader

\* A spare is missing that the next group needs, and the disk has no room for it: all appends that wait are refused.
LacksSpare == Pool < Reserve \/ (NeedsRoll /\ Pool = Reserve)
RefuseAppends ==
  /\ pc = "open" /\ leader \in Waiting /\ full /\ LacksSpare
  /\ call' = [c \in Callers |-> IF c \in Waiting THEN "none" ELSE call[c]]
  /\ UNCHANGED <<vars, leader>>

\* A leader whose own call is done passes the leadership to a caller that waits. If none waits, nobody leads.
PassOn ==
  /\ pc = "open" /\ leader # "nobody" /\ leader \notin Waiting
  /\ IF Waiting = {} THEN leader' = "nobody" ELSE leader' \in Waiting
  /\ UNCHANGED <<vars, call>>

\* Before a group, the leader rolls a segment that has no room, and revokes a close marker.
Prepare == leader \in Waiting /\ (Roll \/ Reopen) /\ UNCHANGED queue

\* What was begun goes on: the steps of the leader, of the threads that prepare spares and remove segments, and of a
\* recovery. A close ends with nobody leading.
GoOn ==
  /\ \/ Publishing \/ SyncGroup \/ Sync \/ SyncTrim
     \/ WriteMarker \/ SyncMarker \/ WriteSlot \/ SyncSlot \/ SyncReopen
     \/ Recovering
  /\ leader' = IF pc' = "down" THEN "nobody" ELSE leader
  /\ UNCHANGED call

Works == WriteGroup \/ AnswerGroup \/ RefuseAppends \/ PassOn \/ Prepare \/ GoOn

(***********************************************************************************)
(* The whole. At some moment it becomes quiet. From then on the log works for      *)
(* itself, until nobody waits. If it comes to a stop before, TLC reports a         *)
(* deadlock. If it works for ever without an answer, TLC reports the property.     *)
(* For behaviours with a last event from outside, this says the same as weak       *)
(* fairness of Works, and TLC checks it much faster.                               *)
(***********************************************************************************)
BecomesQuiet == quiet' = TRUE /\ UNCHANGED <<vars, queue>>

\* Nobody waits.
Rest == quiet /\ pc = "open" /\ \A c \in Callers : call[c] = "none"

LiveStep ==
  \/ ~quiet /\ (BecomesQuiet \/ (Happens /\ UNCHANGED quiet))
  \/ Works /\ UNCHANGED quiet /\ all' # all
  \/ Rest /\ UNCHANGED all

LiveSpec == LiveInit /\ [][LiveStep]_all /\ <>[]quiet /\ []<><<TRUE>>_all

(***********************************************************************************)
(* What must come true.                                                            *)
(***********************************************************************************)
\* Each append that waits is answered.
Answered == \A c \in Callers : call[c] # "none" ~> call[c] = "none"

\* Each operation returns and each recovery opens the log, even if the disk is full.
Returns == pc # "open" ~> pc = "open"

=====================================================================================
