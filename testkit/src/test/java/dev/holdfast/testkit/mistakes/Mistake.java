package dev.holdfast.testkit.mistakes;

import static dev.holdfast.testkit.mistakes.Finder.job;
import static dev.holdfast.testkit.mistakes.Finder.test;

import java.util.List;
import java.util.Optional;

/** A deliberate mistake in the core. Unless a mistake names a test, the normal campaign of crashes must find it. */
enum Mistake {
    // Promises of an append.
    ACKNOWLEDGES_BEFORE_THE_SYNC(in(
            "segment/SegmentWriter",
            "put(position, group.bytes(), length, synced);",
            "put(position, group.bytes(), length, false);")),
    SHOWS_A_GROUP_BEFORE_IT_IS_WRITTEN(
            in("commit/Tail", "writer.write(group, durableId, trimPoint, alignment, syncEachGroup);", """
            published.advance(group.lastId(), writer.position());
            writer.write(group, durableId, trimPoint, alignment, syncEachGroup);""")),
    ACKNOWLEDGES_BEFORE_WRITING(job("queued batches"), in("commit/Group", "if (records.count() > 0) {", """
            for (AppendFuture<?> future = futures.takeAll(); future != null; future = future.takeNext()) {
                future.complete();
            }
            if (records.count() > 0) {""")),
    ACKNOWLEDGES_OUT_OF_ORDER(
            job("queued batches"),
            in("commit/InFlight", "return decided.takeAll();", """
            AppendFuture<?> last = null;
            for (AppendFuture<?> future = decided.takeAll(), next; future != null; future = next) {
                next = future.takeNext();
                future.next = last;
                last = future;
            }
            return last;"""),
            in("commit/AppendFuture", "private @Nullable AppendFuture<?> next;", "@Nullable AppendFuture<?> next;")),
    RUNS_HOOKS_BEFORE_WRITING(
            in("commit/CommitQueue", "outcome = next.refusal() == null ? run(next) : next.refusal();", """
            if (next.refusal() == null && next instanceof Group early) {
                early.runHooks(published.hooks());
            }
            outcome = next.refusal() == null ? run(next) : next.refusal();"""),
            in("commit/CommitQueue", "group.runHooks(published.hooks());", "")),
    RUNS_THE_HOOK_OF_A_FAILED_APPEND(
            test("dev.holdfast.testkit.file.FailStopTest#failedLogRunsTheHooksOfAcknowledgedAppendsAndNoOthers"),
            in("commit/CommitQueue", "next.done(outcome);", """
            if (outcome != null && next instanceof Group failed) {
                failed.runHooks(published.hooks());
            }
            next.done(outcome);""")),
    RUNS_HOOKS_BACKWARDS(
            job("queued batches"),
            in(
                    "commit/Group",
                    "if (lastHook == null) { firstHook = hook; } else { lastHook.next = hook; } lastHook = hook;",
                    "hook.next = firstHook; firstHook = hook; lastHook = hook;")),
    IGNORES_THE_END_OF_A_BATCH(
            job("batches"), in("segment/TailScan", "if (frames.endsBatch()) {", "if (bytes >= 0) {")),
    PADS_WITHOUT_A_GROUP(
            job("record sizes at limits, padded"),
            in("format/GroupHeader", "LittleEndian.putInt(bytes, at + 4, kind.code());", """
            if (kind == GroupKind.PADDING) {
                return;
            }
            LittleEndian.putInt(bytes, at + 4, kind.code());""")),
    FILLS_A_SEGMENT_TO_THE_SLOT(
            job("record sizes at page boundaries"),
            in(
                    "segment/SegmentWriter",
                    "return position + groupBytes <= Layout.recordsEnd(header().fileLength());",
                    "return position + groupBytes <= Layout.slotOffset(header().fileLength());")),

    // Contents of the disk, and when they may be written.
    CLAIMS_TO_BE_SYNCED_WHAT_IS_ONLY_WRITTEN(
            job("record sizes at limits, synced later"),
            in(
                    "commit/Tail",
                    "writer.write(group, durableId, trimPoint, alignment, syncEachGroup);",
                    "writer.write(group, writer.nextId() - 1, trimPoint, alignment, syncEachGroup);")),
    SYNCS_THE_IDLE_MARKER_WITH_WHAT_IT_CLAIMS(
            job("idle markers, synced later"),
            in("commit/Tail", "sync(); if (writer.hasRoomForMarker()) { writer.markIdle(", """
            synced();
            if (writer.hasRoomForMarker()) {
                writer.markIdle(""")),
    SYNCS_THE_CLOSE_WITH_WHAT_IT_CLAIMS(
            job("reopen, synced later"), in("commit/Tail", "try (SegmentWriter last = writer) { sync();", """
            try (SegmentWriter last = writer) {
                synced();""")),
    SYNCS_THE_FOOTER_WITH_WHAT_IT_CLAIMS(
            job("rolls, synced later"), in("commit/Tail", "sync(); long doubled", "synced(); long doubled")),
    SYNCS_THE_TRIM_POINT_WITH_WHAT_IT_CLAIMS(
            job("trim, truncate, synced later"),
            in("commit/Tail", "sync(); if (writer.hasRoomForMarker() && isProven(0)) { reopen();", """
            synced();
            if (writer.hasRoomForMarker() && isProven(0)) {
                reopen();""")),
    TRUNCATES_WHAT_IS_NOT_SYNCED(
            job("truncate a long tail, synced later"),
            in(
                    "commit/Tail",
                    "sync(); if (lastToKeep < catalog.firstId()) {",
                    "if (lastToKeep < catalog.firstId()) {")),
    STAYS_CLOSED_WHILE_APPENDING(
            job("reopen"), in("commit/Tail", "if (writer.isClosedOnDisk()) {", "if (writer.position() < 0) {")),
    MARKS_AT_BIRTH_WHAT_IS_NOT_PROVEN(
            job("kill, then power"), in("chain/Chain", "if (lastToKeep <= provenId) {", "if (lastToKeep >= 0) {")),

    // Changes of the directory.
    NEVER_SYNCS_THE_DIRECTORY(
            in("chain/Spares", "storage.sync(); List<Spare> own", "List<Spare> own"),
            in("chain/Spares", "storage.sync(); add(settled", "add(settled"),
            in("recovery/Recovery", "storage.sync();", "")),
    APPENDS_TO_A_SEGMENT_WHOSE_NAME_IS_NOT_SYNCED(
            job("rolls"), in("chain/Spares", "storage.sync(); List<Spare> own", "List<Spare> own")),
    BELIEVES_NAMES_THAT_ARE_NOT_SYNCED(job("trim"), in("recovery/Recovery", "storage.sync();", "")),
    PUBLISHES_A_SEGMENT_BEFORE_ITS_HEADER(
            in("chain/Chain", "content.write(); writer.writeInitial();", "content.write();"),
            in("chain/Chain", "rename(spare.spare().name(), writer.segment().fileName());", """
            rename(spare.spare().name(), writer.segment().fileName());
            writer.writeInitial();""")),
    REFUSES_A_CALL_WHOSE_SEGMENT_HAS_ITS_NAME(
            test("dev.holdfast.testkit.file.FailStopTest#failedSyncOfANewSegmentsNameFailsTheLog"),
            in("chain/Chain", "spares.syncNames(); syncs.incrementAndGet();", """
            try {
                spares.syncNames();
            } catch (IOException e) {
                throw spares.refused("the names could not be synced", e);
            }
            syncs.incrementAndGet();""")),
    DOES_NOT_SYNC_A_HEADER(
            in("segment/InitialWrite", "file.writeSynced(0, bytes, 0, length);", "file.write(0, bytes, 0, length);"),
            in("segment/InitialWrite", "file.sync();", "")),
    RECYCLES_A_FILE_BEFORE_ITS_SUCCESSOR_IS_THERE(
            job("recycled by reset"),
            in("commit/Tail", "writer = chain.origin(nextId, pinned, first, alignment);", """
            chain.dropTrimmed(Long.MAX_VALUE);
            chain.removeDeadDurably();
            writer = chain.origin(nextId, pinned, first, alignment);""")),
    DOES_NOT_SYNC_A_SPARE(in("chain/Spares", "file.sync();", "")),
    WRITES_TO_A_RECYCLED_FILE_AT_ONCE(
            job("recycled long files"),
            in(
                    "chain/Spares",
                    "add(unsettled, new Spare(name, dead.length() & -Layout.ALIGNMENT, proven));",
                    "add(settled, new Spare(name, dead.length() & -Layout.ALIGNMENT, proven));")),
    USES_A_NAME_AGAIN(
            in("chain/Spares", "numbersAdopted.add(number); nextNumber = Math.max(nextNumber, number + 1);", "")),
    USES_AN_UNFINISHED_SPARE(
            job("rolls without spares"),
            in("chain/Spares", "if (name.get().finished() && isUsable(file)) {", "if (isUsable(file)) {"),
            in("chain/Spares", "& -Layout.ALIGNMENT, false));", "& -Layout.ALIGNMENT, !name.get().finished()));")),
    TRUSTS_A_SPARE_THAT_WAS_THERE(
            test("dev.holdfast.wal.chain.SparesTest#existingSpareIsFilledWithZerosBeforeItIsTaken"),
            in("chain/Spares", "& -Layout.ALIGNMENT, false));", "& -Layout.ALIGNMENT, true));")),
    KEEPS_NO_SPARE_FOR_RECOVERY(
            job("everything, SMALL_DISK"),
            in("chain/Spares", "return forRolls(length) > 0;", "return has(length);"),
            in("chain/Spares", "while (count() < RESERVED && !stopped) {", "while (count() < 0 && !stopped) {"),
            in(
                    "chain/Spares",
                    "while (proven(0, longestKept) < RESERVED && !stopped) {",
                    "while (proven(0, longestKept) < 0 && !stopped) {")),

    // Salt, offset and checksums.
    HAS_NO_SALT(
            test("dev.holdfast.testkit.file.RecycledFilesTest#bytesOfAnEarlierSegmentAreNotPartOfALaterSegment"),
            in("format/Checksum", "long z = salt + offset * GOLDEN_GAMMA;", "long z = offset * GOLDEN_GAMMA;")),
    USES_THE_SAME_SALT_AGAIN(
            test("dev.holdfast.testkit.file.RecycledFilesTest#bytesOfAnEarlierSegmentAreNotPartOfALaterSegment"),
            in("chain/Chain", "pinned, logId, random.getAsLong(), trimPoint", "pinned, logId, 4711, trimPoint")),
    HAS_NO_PLACE_IN_THE_CHECKSUM(
            test("dev.holdfast.wal.segment.TailScanTest#groupAtAnotherOffsetIsInvalid"),
            in("format/Checksum", "long z = salt + offset * GOLDEN_GAMMA;", "long z = salt;")),
    TAKES_ANY_FRAME_FOR_WHOLE(
            job("batches"),
            in("segment/FrameCheck", "return whole ? Frame.bytes(dataBytes) : -1;", "return Frame.bytes(dataBytes);")),
    TAKES_ANY_GROUP_HEADER_FOR_VALID(
            test("dev.holdfast.testkit.file.RecycledFilesTest#bytesOfAnEarlierSegmentAreNotPartOfALaterSegment"),
            in(
                    "format/GroupHeader",
                    "if (stored != checksum.of(",
                    "if (bytes.capacity() < 0 && stored != checksum.of(")),
    TRUSTS_THE_INDEX(
            test("dev.holdfast.wal.format.FooterTest#everyFlippedBitIsNoticed"),
            in(
                    "format/Footer",
                    "if (LittleEndian.getInt(bytes, at) != checksum.of(",
                    "if (at < 0 && LittleEndian.getInt(bytes, at) != checksum.of(")),

    // Recovery.
    SHOWS_UNPROVEN_RECORDS_WITHOUT_WRITING_THEM(
            job("rolls"), in("recovery/Recovery", "long proven = tail.durableId();", "long proven = tail.lastId();")),
    SYNCS_UNPROVEN_RECORDS_WITHOUT_WRITING_THEM(
            test("dev.holdfast.wal.recovery.RecoveryTest#recordsThatFitIntoNoSpareAreRewrittenInPlaceAndSynced"),
            in("recovery/Rewrite", "file.write(offset, bytes, 0, length);", "")),
    WRITES_UNPROVEN_RECORDS_WITHOUT_SYNC(job("long segment"), in("recovery/Rewrite", "file.sync();", "")),
    GOES_ON_BEHIND_A_TORN_TAIL(
            job("record sizes at sector boundaries"),
            in(
                    "recovery/Recovery",
                    "SegmentWriter writer = closed ?",
                    "SegmentWriter writer = closed || tail.durableId() >= tail.lastId() ?")),
    USES_THE_EPOCH_OF_THE_SEGMENT_IT_CUTS(
            job("truncate across"),
            in(
                    "chain/Chain",
                    "nextEpoch++, baseId",
                    "predecessor instanceof Predecessor.Cut cut ? cut.epoch() : nextEpoch++, baseId")),
    USES_THE_HIGHEST_EPOCH_AGAIN(
            in("recovery/Recovery", "segmentHeaders.newest().epoch() + 1);", "segmentHeaders.newest().epoch());")),
    LEAVES_A_FOOTER_THAT_IS_NOT_SYNCED(
            job("rolls"),
            in(
                    "recovery/Recovery",
                    "if (live.footerToWrite().isPresent()) {",
                    "if (live.footerToWrite().isPresent() && closed && !closed) {")),
    REMOVES_WHAT_A_TRIM_THAT_IS_NOT_SYNCED_LEFT(
            job("trim"),
            in("recovery/Recovery", "removed.addAll(removeTrimmed(segmentHeaders, live)); return", "return"),
            in("recovery/Recovery", "List<String> removed = removeSuperseded(segmentHeaders);", """
            List<String> removed = removeSuperseded(segmentHeaders);
            removed.addAll(removeTrimmed(segmentHeaders, live));
            spares.syncNames();""")),
    NEEDS_THE_FOOTER_OF_A_ROLL_THAT_WAS_INTERRUPTED(
            job("rolls"),
            in("recovery/LiveChain", "&& tail.groupsSeen() <= INITIAL_GROUPS;", "&& tail.groupsSeen() < 0;")),
    CALLS_ALL_PROVEN(
            job("record sizes at limits"),
            in(
                    "recovery/Observer",
                    "proven ? OptionalLong.empty()",
                    "proven || tail.durableId() >= 0 ? OptionalLong.empty()")),

    // The index. Only the index of a long segment has more than one entry.
    INDEXES_RECORDS_ONE_TOO_LATE(
            job("long segment"),
            in(
                    "segment/SegmentIndex",
                    "add(idDelta + i, groupOffset, place + frame);",
                    "add(idDelta + i + 1, groupOffset, place + frame);")),

    // Removal of records.
    TRUNCATES_IN_PLACE(
            job("same sizes again"),
            in("segment/SegmentWriter", "private boolean closedOnDisk;", """
            private boolean closedOnDisk;
            private final java.util.TreeMap<Long, Long> ends = new java.util.TreeMap<>();

            /** Moves the end back to after a record that ends a group. */
            public boolean rewind(long id) throws IOException {
                Long end = ends.get(id);
                if (end == null) {
                    return false;
                }
                position = end;
                nextId = id + 1;
                ends.tailMap(id, false).clear();
                put(position, new byte[Layout.GROUP_HEADER_BYTES], Layout.GROUP_HEADER_BYTES, true);
                return true;
            }"""),
            in("segment/SegmentWriter", "nextId += group.count();", """
            nextId += group.count();
            ends.put(nextId - 1, position);"""),
            in("commit/Tail", "int at = chain.live().indexOf(catalog.find(lastToKeep));", """
            int at = chain.live().indexOf(catalog.find(lastToKeep));
            if (at == chain.live().size() - 1 && writer.rewind(lastToKeep)) {
                durableId = lastToKeep;
                show(catalog.firstId(), catalog.history().and(lastToKeep));
                return;
            }""")),
    LEAVES_A_DEAD_TAIL_WITHOUT_A_FOOTER(
            test("dev.holdfast.wal.chain.DirectoryStepsTest#eachOfSeveralTruncationsSyncsNamesOnce"),
            in("chain/Chain", "sealDead(tail, lastToKeep, next.segment(), trimPoint);", "")),
    LOSES_THE_TRIM_POINT_WHEN_IT_ROLLS(
            job("trim"),
            in(
                    "commit/Tail",
                    "writer = chain.roll(writer, Math.max(needed, doubled), trimPoint);",
                    "writer = chain.roll(writer, Math.max(needed, doubled), -1);")),
    TRIMS_BEYOND_THE_END(
            job("trim of all"),
            in("commit/Tail", "long last = Math.min(discardUpTo, catalog.lastId());", "long last = discardUpTo;")),
    TRIMS_A_SEGMENT_TOO_MANY(
            job("trim"),
            in(
                    "chain/Chain",
                    "live.get(trimmed + 1).baseId() - 1 <= trimPoint) {",
                    "live.get(trimmed + 1).baseId() - 2 <= trimPoint) {")),
    DOES_NOT_SYNC_THE_TRIM_POINT(
            job("trim"),
            in(
                    "commit/Tail",
                    "writer.mark(GroupKind.TRIM, durableId, last, true);",
                    "writer.mark(GroupKind.TRIM, durableId, last, false);")),
    TRIMS_BEFORE_IT_SAYS_SO(
            job("trim"), in("commit/Tail", "sync(); if (writer.hasRoomForMarker() && isProven(0)) { reopen();", """
            sync();
            chain.dropTrimmed(last);
            show(last + 1, catalog.history());
            chain.removeDeadDurably();
            if (writer.hasRoomForMarker() && isProven(0)) {
                reopen();""")),
    TRIMS_NEWEST_FIRST(
            job("trim"),
            in("commit/Tail", "sync(); if (writer.hasRoomForMarker() && isProven(0)) { reopen();", """
            sync();
            chain.dropTrimmed(last);
            show(last + 1, catalog.history());
            chain.removeDeadDurably();
            if (writer.hasRoomForMarker() && isProven(0)) {
                reopen();"""),
            in("chain/Chain", "for (Segment segment : dead) {", """
            java.util.Collections.reverse(dead);
            for (Segment segment : dead) {""")),
    FORGETS_THE_PIN(
            job("reset"),
            in("chain/Chain", "boolean pinned = empty && old.header().pinned();", "boolean pinned = false;")),
    FORGETS_THE_PIN_IN_RECOVERY(
            job("reset"),
            in(
                    "chain/CutPlan",
                    "header.predecessor(), header.pinned(), Optional.empty()",
                    "header.predecessor(), false, Optional.empty()")),

    CURSOR_GOES_ON_BEHIND_A_TRUNCATED_RECORD(
            job("cursors"),
            in("read/StoredCursor", "if (catalog.history().removed(shownId, removalsSeen)) {", "if (shownId < 0) {")),
    SHOWS_UNPROVEN_RECORDS_BESIDE_A_WRITER(
            job("readers and rivals, synced later"),
            in(
                    "recovery/Observer",
                    "written && !closed ? Math.min(tail.lastId(), tail.durableId())",
                    "written && !closed ? tail.lastId()")),

    // Failures.
    GOES_ON_AFTER_A_FAILED_SYNC(
            job("everything, ERRORS"), in("commit/CommitQueue", "failure = failed; tail.failed();", "tail.failed();")),
    SYNCS_AGAIN_AFTER_A_FAILED_SYNC(
            job("everything, ERRORS"), in("segment/SegmentWriter", "file.writeSynced(offset, bytes, 0, length);", """
            try {
                file.writeSynced(offset, bytes, 0, length);
            } catch (IOException e) {
                file.sync();
            }""")),
    WRITES_WHEN_IT_CLOSES_A_FAILED_LOG(
            job("everything, ERRORS"),
            in(
                    "commit/CommitQueue",
                    "if (failed == null) { last.close();",
                    "if (failed == null || failed.getMessage() != null) { last.close();")),
    SHOWS_A_BATCH_THAT_COULD_NOT_BE_READ(
            test("dev.holdfast.testkit.file.UnreadableBufferTest#partOfAnUnreadableBatchIsRolledBack"),
            in("commit/Group", "records.rollback(acceptedLength, acceptedCount);", "")),
    KEEPS_THE_IDS_OF_REFUSED_APPENDS(
            test("dev.holdfast.testkit.file.FullDiskTest#appendsQueuedBehindARefusedAppendAreRefusedAndTheirIdsReused"),
            in("commit/CommitQueue", "open = null; restoreEnd(); for (int i", "open = null; for (int i")),

    // One owner.
    DOES_NOT_LOCK(job("readers and rivals"), in("engine/StoredLog", "storage.lock();", "")),
    LOCKS_NOTHING_ON_THE_DISK(
            test("dev.holdfast.testkit.disk.DiskStorageContractTest#secondLockIsRefusedAndNamesTheHolder"),
            in("storage/DiskStorage", "lock = DirectoryLock.take(directory);", "")),
    LOCKS_WITHIN_ITS_PROCESS_ONLY(
            test("dev.holdfast.wal.storage.DirectoryLockTest#lockOfOtherCodeInThisProcessIsRespected"),
            in("storage/DirectoryLock", "if (!tryLock(directory, file)) {", "if (HELD.size() < 0) {")),
    CHANGES_A_DIRECTORY_THAT_IS_ANOTHERS(
            test("dev.holdfast.wal.file.ChangedFilesTest#closeDetectsAReplacedLock"),
            in("storage/DirectoryLock", "if (now.equals(key)) return;", "if (now != null) return;")),
    GOES_ON_IN_A_FILE_WITHOUT_A_NAME(
            test("dev.holdfast.wal.file.ChangedFilesTest#closeDetectsADeletedNewestSegment"),
            in("commit/Tail", "writer.requireNamed();", "")),

    // Directories above the directory of the log.
    DOES_NOT_SYNC_THE_PARENT_OF_A_DIRECTORY_IT_MAKES(
            new MadeDirectories(), in("storage/Directories", "sync(Objects.requireNonNull(made.getParent()));", "")),
    DOES_NOT_SYNC_THE_PARENT_OF_A_DIRECTORY_IT_FINDS(
            new MadeDirectories(), in("storage/Directories", "syncParentOfExisting(existing);", "")),

    // Damage.
    HAS_NO_DURABLE_ID(
            test("dev.holdfast.wal.recovery.DamageTest#flippedBitOfAClosedLogIsHarmlessOrDetected"),
            in(
                    "format/GroupHeader",
                    "LittleEndian.putLong(bytes, at + 24, durableId);",
                    "LittleEndian.putLong(bytes, at + 24, -1);")),
    CUTS_AT_THE_FIRST_BAD_FRAME(
            test("dev.holdfast.wal.recovery.DamageTest#flippedBitOfAClosedLogIsHarmlessOrDetected"),
            in("recovery/Verdict", "return durableIdBehind >= firstMissingId ? CORRUPT : TORN;", "return TORN;")),
    DOES_NOT_CHECK_HEADERS(
            test("dev.holdfast.wal.recovery.DamageTest#flippedBitOfAClosedLogIsHarmlessOrDetected"),
            in("format/SegmentHeader", "if (stored != computed) {", "if (stored != computed && block.length < 0) {")),
    DOES_NOT_CHECK_WHAT_IT_READS(
            test("dev.holdfast.wal.recovery.DamageTest#flippedBitOfAClosedLogIsHarmlessOrDetected"),
            in("segment/RecordWalk", "if (stored != expected) {", "if (stored != expected && at < 0) {")),
    ASKS_FOR_NO_PROOF_BESIDE_A_WRITER(
            test("dev.holdfast.wal.recovery.ObserverTest#damageProvenByALaterGroupIsReportedBesideAWriter"),
            in(
                    "recovery/Observer",
                    "if (behind.durableId() > tail.lastId() ||",
                    "if (!written && behind.durableId() > tail.lastId() ||")),
    TAKES_WHAT_IS_BEING_WRITTEN_FOR_DAMAGE(
            test("dev.holdfast.wal.recovery.ObserverTest#placeThatIsIntactWhenReadAgainIsNotDamage"),
            in("recovery/Observer", "tail.proceed(); Recovery.judge(", "Recovery.judge(")),
    TRUSTS_THE_LENGTH_OF_A_DAMAGED_FRAME(
            test("dev.holdfast.wal.segment.RecordWalkTest#damagedRecordHidesOthersOnlyIfItsLengthMayBeWrong"),
            in("segment/RecordWalk", "return framesLeft > 0 && frames", "return framesLeft > 1 || frames")),

    // Readers while a writer is active.
    FOLLOWS_REMOVALS_AT_ITS_END_ALONE(
            test("dev.holdfast.wal.engine.FollowedLogTest#removedRecordsDisappearWhenTheViewIsStale"),
            in("read/RandomReads", "poll.lookIfStale(); while (true) {", "while (true) {"),
            in(
                    "engine/StoredLog",
                    "try { poll.lookIfStale(); } catch",
                    "try { if (poll == null) { poll.lookIfStale(); } } catch")),
    GOES_ON_WITH_ANOTHER_LOG(
            test("dev.holdfast.wal.engine.FollowedLogTest#recordsOfTwoLogsAreNeverMixedWhenOneReplacesTheOther"),
            in(
                    "recovery/Observer",
                    "if (!newest.logId().equals(old.logId())) throw",
                    "if (newest.epoch() < 0 && !newest.logId().equals(old.logId())) throw")),
    TRUSTS_A_STAMP_OF_JUST_NOW(
            test("dev.holdfast.wal.storage.DiskStorageTest#stampOfNamesIsReturnedOnlyIfALaterChangeWouldDiffer"),
            in("storage/Attributes", "return settled && key != null", "return key != null")),
    ;

    private final Finder finder;
    private final List<Patch> patches;

    Mistake(Patch... patches) {
        this(Finder.CAMPAIGN, patches);
    }

    Mistake(Finder finder, Patch... patches) {
        this.finder = finder;
        this.patches = List.of(patches);
    }

    private static Patch in(String file, String find, String replacement) {
        return new Patch(file, find, replacement);
    }

    /** Runs the finder of this mistake. Returns empty if the mistake is not found. */
    Optional<Found> find() throws ReflectiveOperationException {
        return finder.look(PatchedCore.with(patches, finder.aids()));
    }

    Finder finder() {
        return finder;
    }

    List<Patch> patches() {
        return patches;
    }
}
