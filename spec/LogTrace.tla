---------------------------------- MODULE LogTrace ----------------------------------
(***********************************************************************************)
(* Compares the code with the module Log. A trace is what the simulated disk held  *)
(* after each of its changes, during a run of the real log: the visible segments,  *)
(* and those of them that a power failure cannot take. A behaviour of Log must     *)
(* show exactly these disks, in this order; between two of them it may take steps  *)
(* that change neither. The test writes the constants and the bounds.              *)
(***********************************************************************************)
EXTENDS Log

CONSTANTS
  Runs,         \* Number of traces.
  Length(_),    \* Number of events of a trace.
  Event(_, _)   \* An event of a trace: [event, first, next, visible, stable].

VARIABLES trace, \* Which trace is compared.
          at     \* How many of its events have happened.

(***********************************************************************************)
(* What of a segment can be seen on the disk.                                      *)
(***********************************************************************************)
GroupSeen(g) == [kind |-> g.kind, first |-> g.first, batches |-> g.batches, durable |-> g.durable, trim |-> g.trim]
SegmentSeen(s, n, slot, footer) ==
  [base |-> s.base, pred |-> s.pred.kind, epoch |-> s.pred.epoch, pin |-> s.pin, trim |-> s.trim,
   groups |-> [i \in 1..n |-> GroupSeen(s.groups[i])], slot |-> slot, footer |-> footer]

Until(s, states) ==
  LET last == {i \in 1..Len(s.groups) : s.groups[i].state \notin states} IN
  IF last = {} THEN Len(s.groups) ELSE Min(last) - 1

VisibleSeen(fs) ==
  [e \in {x \in DOMAIN fs : fs[x].name \in {"new", "there"}} |->
     SegmentSeen(fs[e], Until(fs[e], {"pending", "stuck", "stable"}), fs[e].slot.now, fs[e].footer.next)]
StableSeen(fs) ==
  [e \in {x \in DOMAIN fs : fs[x].name # "new"} |->
     SegmentSeen(fs[e], Until(fs[e], {"stable"}), fs[e].slot.stable,
                 IF fs[e].footer.state = "stable" THEN fs[e].footer.next ELSE 0)]

(***********************************************************************************)
(* The events.                                                                     *)
(***********************************************************************************)
\* A call returned, the log was opened, or the process ended.
Ends(event) ==
  CASE event = "crash"    -> Kill \/ PowerFails
    [] event = "opened"   -> Opened \/ (Return /\ job.op = "create")
    [] event = "returned" -> Answer \/ (Return /\ job.op \notin {"create", "roll"})
    [] event = "disk"     -> FALSE

\* Every other step.
Works ==
  \/ SettleSpares \/ MakeSpare \/ Rename \/ CommitNames \/ WriteFooter \/ SyncFooter \/ Continue \/ Remove
  \/ SyncRemoval
  \/ (Return /\ job.op = "roll")
  \/ SyncGroup \/ Roll \/ (\E sizes \in BatchSizes : Write(sizes)) \/ Sync
  \/ Removals \/ StartingOver \/ Markers
  \/ RecoverNames \/ Create \/ Decide \/ Swept \/ Refoot \/ SyncRefoot \/ Resume \/ RewriteInPlace \/ Supersede

Shows(event) == VisibleSeen(files') = event.visible /\ StableSeen(files') = event.stable

\* The next event happens.
Happens ==
  /\ at < Length(trace)
  /\ LET event == Event(trace, at + 1) IN
     /\ IF event.event = "disk" THEN Works ELSE Ends(event.event)
     /\ Shows(event)
     /\ event.event \in {"opened", "returned"} => w.next = event.next
     /\ event.event = "opened" => Latest'.first = event.first
  /\ at' = at + 1
  /\ UNCHANGED trace

\* Prunes the search: a segment is published only if it is on the disk soon. (If the process ends before, it does not
\* matter what it was about to do.)
IsSoonSeen ==
  pc' = "take" =>
    \E n \in at + 1..Min({at + 8, Length(trace)}) :
      LET disk_ == Event(trace, n).visible  s == job'.segment IN
      job'.epoch \in DOMAIN disk_ /\ disk_[job'.epoch] = SegmentSeen(s, Len(s.groups), s.slot.now, 0)

\* A step that shows nothing.
Hidden ==
  /\ at < Length(trace)
  /\ Works
  /\ IsSoonSeen
  /\ VisibleSeen(files') = VisibleSeen(files) /\ StableSeen(files') = StableSeen(files)
  /\ UNCHANGED <<trace, at>>

TraceInit == Init /\ at = 0 /\ trace \in 1..Runs
TraceSpec == TraceInit /\ [][Happens \/ Hidden]_<<vars, trace, at>>

\* Names the traces that a behaviour reaches the end of. The test reads them.
Accepts == at = Length(trace) => PrintT(<<"accepted", trace>>)

\* The code decides by bytes whether a group fits, and whether a spare is long enough; the order of removals is open.
Either == TRUE
MayWant == Pool < Wanted
AnyDead == dead

=====================================================================================
