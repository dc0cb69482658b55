package dev.holdfast.testkit.mistakes;

import static dev.holdfast.testkit.mistakes.Finder.job;
import static dev.holdfast.testkit.mistakes.Finder.test;
import static dev.holdfast.testkit.mistakes.Patch.after;
import static dev.holdfast.testkit.mistakes.Patch.before;
import static dev.holdfast.testkit.mistakes.Patch.change;
import static dev.holdfast.testkit.mistakes.Patch.replace;
import static dev.holdfast.testkit.mistakes.Patch.skip;

import java.util.List;
import java.util.Optional;

/** A deliberate mistake in the core. Unless a mistake names a test, the normal campaign of crashes must find it. */
enum Mistake {
    // Promises of an append.
    ACKNOWLEDGES_BEFORE_THE_SYNC(change("group-write", "sync", "Sync.LATER")),
    SHOWS_A_GROUP_BEFORE_IT_IS_WRITTEN(before("tail-write", "published.advance(group.lastId(), writer.position());")),
    ACKNOWLEDGES_BEFORE_WRITING(job("queued batches"), before("group-run", """
            for (AppendFuture<?> future = group.futures.takeAll(); future != null; future = future.takeNext()) {
                future.complete();
            }""")),
    ACKNOWLEDGES_OUT_OF_ORDER(
            job("queued batches"), replace("futures-order", """
            AppendFuture<?> last = null;
            for (AppendFuture<?> future = decided.takeAll(), next; future != null; future = next) {
                next = future.takeNext();
                future.next = last;
                last = future;
            }
            return last;"""), change("future-next", "private ", "")),
    COMPLETES_FUTURES_WITHOUT_A_RESERVED_THREAD(
            test("dev.holdfast.wal.threads.ReservedThreadsTest#reservationFailsIfItsThreadCannotBeCreated"),
            skip("thread-reserved")),
    GIVES_UP_THE_THREAD_OF_FUTURES_IN_FLIGHT(
            test("dev.holdfast.testkit.file.FuturesInFlightTest#completingThreadStaysReservedWhileFuturesAreInFlight"),
            change("futures-in-flight", "> 0", "< 0")),
    LETS_MARKERS_WAIT_FOR_A_BLOCKED_DISK(
            test("dev.holdfast.wal.file.SharedThreadsTest#blockedMarkerHoldsUpItsOwnLogOnly"), skip("marker-thread")),
    KEEPS_THREADS_AFTER_THE_LAST_CLOSE(
            test("dev.holdfast.wal.file.SharedThreadsTest#noThreadOutlivesTheLastLog"),
            change("threads-left", "> 0", ">= 0")),
    RUNS_HOOKS_BEFORE_WRITING(before("queue-run", """
            if (next.refusal == null && next instanceof Group early) {
                early.runHooks();
            }"""), skip("queue-hooks")),
    RUNS_THE_HOOK_OF_A_FAILED_APPEND(
            test("dev.holdfast.testkit.file.FailStopTest#failedLogRunsTheHooksOfAcknowledgedAppendsAndNoOthers"),
            before("queue-done", """
            if (outcome != null && item instanceof Group failed) {
                failed.runHooks();
            }""")),
    RUNS_HOOKS_BACKWARDS(job("queued batches"), replace("hook-order", "hooks.add(0, hook);")),
    IGNORES_THE_END_OF_A_BATCH(job("batches"), change("batch-end", "reader.endsBatch()", "reader.id() >= 0")),
    PADS_WITHOUT_A_GROUP(job("record sizes at limits, padded"), before("header-kind", """
            if (kind == GroupKind.PADDING) {
                return;
            }""")),
    FILLS_A_SEGMENT_TO_THE_SLOT(
            job("record sizes at page boundaries"), change("group-room", "recordsEnd", "slotOffset")),

    // Contents of the disk, and when they may be written.
    CLAIMS_TO_BE_SYNCED_WHAT_IS_ONLY_WRITTEN(
            job("record sizes at limits, synced later"),
            change("group-seal", "declared", "new Declaration(nextId - 1, declared.trimPoint())")),
    SYNCS_THE_IDLE_MARKER_WITH_WHAT_IT_CLAIMS(job("idle markers, synced later"), skip("idle-sync")),
    SYNCS_THE_CLOSE_WITH_WHAT_IT_CLAIMS(job("reopen, synced later"), skip("close-sync")),
    SYNCS_THE_FOOTER_WITH_WHAT_IT_CLAIMS(job("rolls, synced later"), skip("roll-sync")),
    SYNCS_THE_TRIM_POINT_WITH_WHAT_IT_CLAIMS(job("trim, truncate, synced later"), skip("trim-sync")),
    TRUNCATES_WHAT_IS_NOT_SYNCED(job("truncate a long tail, synced later"), skip("truncate-sync")),
    STAYS_CLOSED_WHILE_APPENDING(
            job("reopen"), change("tail-reopen", "writer.isClosedOnDisk()", "writer.position() < 0")),
    MARKS_AT_BIRTH_WHAT_IS_NOT_PROVEN(job("kill, then power"), change("cut-markers", "<= known.durableId()", ">= 0")),

    // Changes of the directory.
    NEVER_SYNCS_THE_DIRECTORY(skip("spares-names-sync"), skip("spare-name-sync"), skip("recovery-names-sync")),
    APPENDS_TO_A_SEGMENT_WHOSE_NAME_IS_NOT_SYNCED(job("rolls"), skip("spares-names-sync")),
    BELIEVES_NAMES_THAT_ARE_NOT_SYNCED(job("trim"), skip("recovery-names-sync")),
    PUBLISHES_A_SEGMENT_BEFORE_ITS_HEADER(skip("header-write"), after("segment-rename", "writer.writeInitial();")),
    REFUSES_A_CALL_WHOSE_SEGMENT_HAS_ITS_NAME(
            test("dev.holdfast.testkit.file.FailStopTest#failedSyncOfANewSegmentsNameFailsTheLog"),
            replace("segment-name-sync", """
            try {
                spares.syncNames();
            } catch (IOException e) {
                throw spares.refused("the names could not be synced", e);
            }""")),
    DOES_NOT_SYNC_A_HEADER(change("header-sync", "writeSynced", "write"), skip("scattered-header-sync")),
    RECYCLES_A_FILE_BEFORE_ITS_SUCCESSOR_IS_THERE(job("recycled by reset"), before("reset-origin", """
            chain.dropTrimmed(Long.MAX_VALUE);
            chain.buryDead();
            chain.spares().dead().removeAllDurably();""")),
    DOES_NOT_SYNC_A_SPARE(skip("spare-sync")),
    WRITES_TO_A_RECYCLED_FILE_AT_ONCE(job("recycled long files"), change("recycled-unsettled", "false", "true")),
    USES_A_NAME_AGAIN(skip("spare-number"), skip("spare-next-number")),
    USES_AN_UNFINISHED_SPARE(
            job("rolls without spares"),
            change("spare-finished", "name.finished() && ", ""),
            change("spare-adopted", "false", "!name.finished()")),
    TRUSTS_A_SPARE_THAT_WAS_THERE(
            test("dev.holdfast.wal.chain.SpareMakerTest#existingSpareIsFilledWithZerosBeforeItIsTaken"),
            change("spare-adopted", "false", "true")),
    KEEPS_NO_SPARE_FOR_RECOVERY(
            job("everything, SMALL_DISK"),
            change("spare-for-roll", "forRolls(length) > 0", "has(length)"),
            change("reserve-count", "RESERVED", "0"),
            change("reserve-proven", "RESERVED", "0")),
    DOES_NOT_GROW_THE_RESERVE(
            test("dev.holdfast.wal.chain.GrowingReserveTest#groupThatFitsNeedsNoLongerReserve"),
            change("reserve-length", "shortest", "0")),

    // Salt, offset and checksums.
    HAS_NO_SALT(
            test("dev.holdfast.testkit.file.RecycledFilesTest#bytesOfAnEarlierSegmentAreNotPartOfALaterSegment"),
            change("checksum-mask", "salt + ", "")),
    USES_THE_SAME_SALT_AGAIN(
            test("dev.holdfast.testkit.file.RecycledFilesTest#bytesOfAnEarlierSegmentAreNotPartOfALaterSegment"),
            change("segment-salt", "random.getAsLong()", "4711")),
    HAS_NO_PLACE_IN_THE_CHECKSUM(
            test("dev.holdfast.wal.segment.TailScanTest#groupAtAnotherOffsetIsInvalid"),
            change("checksum-mask", " + offset * GOLDEN_GAMMA", "")),
    TAKES_ANY_FRAME_FOR_WHOLE(
            job("batches"),
            change("frame-checksum", "!= computedChecksum()", "!= Frame.storedChecksum(buffer.bytes(), index)")),
    TAKES_ANY_GROUP_HEADER_FOR_VALID(
            test("dev.holdfast.testkit.file.RecycledFilesTest#bytesOfAnEarlierSegmentAreNotPartOfALaterSegment"),
            change("group-checksum", "if (", "if (bytes.capacity() < 0 && ")),
    TRUSTS_THE_INDEX(
            test("dev.holdfast.wal.format.FooterTest#everyFlippedBitIsNoticed"),
            change("footer-checksum", "if (", "if (at < 0 && ")),

    // Recovery.
    SHOWS_UNPROVEN_RECORDS_WITHOUT_WRITING_THEM(job("rolls"), change("recovery-proven", "durableId", "lastId")),
    SYNCS_UNPROVEN_RECORDS_WITHOUT_WRITING_THEM(
            test("dev.holdfast.wal.recovery.TailBytesTest#recordsThatFitIntoNoSpareAreRewrittenInPlaceAndSynced"),
            skip("rewrite-write")),
    WRITES_UNPROVEN_RECORDS_WITHOUT_SYNC(job("long segment"), skip("rewrite-sync")),
    GOES_ON_BEHIND_A_TORN_TAIL(
            job("record sizes at sector boundaries"),
            change("recovery-continues", "closed", "closed || tail.durableId() >= tail.lastId()")),
    USES_THE_EPOCH_OF_THE_SEGMENT_IT_CUTS(
            job("truncate across"),
            change(
                    "next-epoch",
                    "nextEpoch++",
                    "predecessor instanceof Predecessor.Cut cut ? cut.epoch() : nextEpoch++")),
    USES_THE_HIGHEST_EPOCH_AGAIN(change("recovery-epoch", " + 1", "")),
    LEAVES_A_FOOTER_THAT_IS_NOT_SYNCED(
            job("rolls"), change("recovery-footer", "isPresent()", "isPresent() && closed && !closed")),
    REMOVES_WHAT_A_TRIM_THAT_IS_NOT_SYNCED_LEFT(
            job("trim, padded"), skip("recovery-trim"), after("recovery-superseded", """
            Set<Long> untrimmed = segments.stream().map(each -> each.header().epoch()).collect(toSet());
            removeExcept(untrimmed, headers, removed);
            spares.syncNames();""")),
    READS_WITH_TOO_FEW_DESCRIPTORS_FAIL(
            test("dev.holdfast.wal.storage.KeptOpenTest#refusedOpenIsRepeatedAfterTheKeptFilesWereClosed"),
            change("kept-open", "return opening.open()", "throw e")),
    LOSES_THE_PERMITS_OF_TRIMMED_SEGMENTS(
            test("dev.holdfast.wal.read.RandomReadsTest#readsKeepAllFilesOpenWithPermitsAndGiveThemBack"),
            change("kept-permit", "permits > 0", "permits < 0")),
    NEEDS_THE_FOOTER_OF_A_DEAD_SEGMENT(
            test("dev.holdfast.wal.recovery.LiveChainTest#unreadableFooterPreventsOpeningOnlyIfTheSegmentIsLive"),
            replace("footer-unreadable", "throw new java.io.UncheckedIOException(e);")),
    NEEDS_THE_FOOTER_OF_A_ROLL_THAT_WAS_INTERRUPTED(
            job("rolls"), change("roll-unfinished", "<= INITIAL_GROUPS", "< 0")),
    CALLS_ALL_PROVEN(
            job("record sizes at limits"),
            change("observed-unproven", "proven ?", "proven || tail.durableId() >= 0 ?")),

    // The index. Only the index of a long segment has more than one entry.
    INDEXES_RECORDS_ONE_TOO_LATE(job("long segment"), change("index-entry", "idDelta + i", "idDelta + i + 1")),

    // Removal of records.
    TRUNCATES_IN_PLACE(
            job("same sizes again"),
            after("writer-state", """
            private final java.util.TreeMap<Long, Long> ends = new java.util.TreeMap<>();

            /** Moves the end back to after a record that ends a group. */
            public boolean rewind(long id) throws IOException {
                Long end = ends.get(id);
                if (end == null) {
                    return false;
                }
                position = end;
                nextId = id + 1;
                declared.synced(id);
                ends.tailMap(id, false).clear();
                file.writeSynced(position, new byte[Layout.GROUP_HEADER_BYTES], 0, Layout.GROUP_HEADER_BYTES);
                return true;
            }"""),
            after("group-counted", "ends.put(nextId - 1, position);"),
            before("truncate-cut", """
            if (lastToKeep >= chain.tail().baseId() && writer.rewind(lastToKeep)) {
                durableId = lastToKeep;
                show(catalog.firstId(), catalog.history().and(lastToKeep));
                return;
            }""")),
    LEAVES_A_DEAD_TAIL_WITHOUT_A_FOOTER(
            test("dev.holdfast.wal.chain.DirectoryStepsTest#eachOfSeveralTruncationsSyncsNamesOnce"),
            skip("dead-footer")),
    LOSES_THE_TRIM_POINT_WHEN_IT_ROLLS(job("trim"), change("roll", "full.trimPoint()", "-1")),
    TRIMS_BEYOND_THE_END(
            job("trim of all"), change("trim-end", "Math.min(discardUpTo, catalog.lastId())", "discardUpTo")),
    TRIMS_A_SEGMENT_TOO_MANY(job("trim"), change("trimmed-segment", "- 1 <=", "- 2 <=")),
    DOES_NOT_SYNC_THE_TRIM_POINT(
            job("trim"), change("marker-sync", "Sync.NOW", "kind == GroupKind.TRIM ? Sync.LATER : Sync.NOW")),
    TRIMS_BEFORE_IT_SAYS_SO(job("trim"), after("trim-sync", """
            chain.dropTrimmed(last);
            show(last + 1, catalog.history());
            chain.buryDead();
            chain.spares().dead().removeAllDurably();""")),
    TRIMS_NEWEST_FIRST(job("trim"), after("trim-sync", """
            chain.dropTrimmed(last);
            show(last + 1, catalog.history());
            chain.buryDead();
            chain.spares().dead().removeAllDurably();"""), before("dead-order", """
            List<Segment> newestFirst = new ArrayList<>(dead);
            java.util.Collections.reverse(newestFirst);
            dead = new ArrayDeque<>(newestFirst);""")),
    NEEDS_TRIMMED_SEGMENTS_WHEN_IT_OPENS(
            test("dev.holdfast.wal.engine.DeadFilesTest#anySubsetOfTheDeadFilesMayBeLeft"),
            change("trimmed-predecessor", "oldest.baseId() - 1 > trimPoint", "oldest.baseId() >= 0")),
    TAKES_A_DEAD_FILE_FOR_THE_TAIL(
            test("dev.holdfast.wal.engine.DeadFilesTest#deadFilesHideNoMissingSegment"), skip("tail-missing")),
    REFUSES_AN_APPEND_WHILE_DEAD_FILES_ARE_LEFT(
            test("dev.holdfast.wal.engine.DeadFilesTest#appendWithoutRoomWaitsForDeadFiles"),
            change("room-of-dead-files", "if (", "if (!stopped || ")),
    REMOVES_DEAD_FILES_IN_THE_QUEUE(
            test("dev.holdfast.wal.engine.DeadFilesTest#trimRemovesNoFileInTheQueue"),
            after("files-buried", "chain.spares().dead().removeAll();")),
    REMOVES_FILES_AFTER_THE_LOG_IS_CLOSED(
            test("dev.holdfast.wal.engine.DeadFilesTest#closedLogRemovesNothing"), skip("removal-stopped")),
    LEAVES_THE_FRAMES_OF_A_REFUSED_GROUP(
            test("dev.holdfast.testkit.file.FullDiskInBulkTest#crashAroundARefusedAppendShowsWholeBatchesOnly"),
            change("erased-part", "offset < end", "offset < position")),
    ERASES_A_REFUSED_GROUP_WITHOUT_A_SYNC(
            test("dev.holdfast.testkit.file.FullDiskInBulkTest#crashAroundARefusedAppendShowsWholeBatchesOnly"),
            skip("erased-sync")),
    REMEMBERS_A_REFUSED_GROUP(
            test("dev.holdfast.wal.recovery.ObserverTest#groupThatWasSeenAndThenRefusedIsForgotten"),
            change("observed-header", "!tail.isUnchanged()", "false")),
    KEEPS_A_FILE_WITH_HOLES_AS_A_SPARE(
            test("dev.holdfast.wal.chain.SparesInBulkTest#fileWithHolesThatIsNotUsedIsDeleted"),
            change("take-back", "taken.spare().proven()", "true")),
    WRITES_TO_A_NEW_FILE_BEFORE_IT_IS_FILLED(
            job("rolls into long files"), change("rolled-proof", "!isProven(bytes)", "false")),
    FILLS_HOLES_THAT_ARE_FILLED(job("rolls into files with holes"), skip("holes-filled")),
    LEAVES_MARKERS_TO_HOLES(
            test("dev.holdfast.testkit.file.FullDiskInBulkTest#groupThatFindsNoSpaceInAHoleIsRefusedAndNeverComesBack"),
            change("holes-behind", "end - position", "length")),
    RECYCLES_HOLES_AS_BLOCKS(
            test("dev.holdfast.wal.chain.SparesInBulkTest#deadSegmentWithHolesBecomesAnUnprovenSpare"),
            before("new-holes", "segment.prove();")),
    FORGETS_THE_PIN(job("reset"), change("roll-pin", "empty && old.pinned()", "false")),
    FORGETS_THE_PIN_IN_RECOVERY(job("reset"), change("cut-pin", "header.pinned()", "false")),

    CURSOR_GOES_ON_BEHIND_A_TRUNCATED_RECORD(
            job("cursors"),
            change("cursor-truncated", "catalog.history().removed(shownId, removalsSeen)", "shownId < 0")),
    SHOWS_UNPROVEN_RECORDS_BESIDE_A_WRITER(
            job("readers and rivals, synced later"), change("observed-end", "tail.durableId()", "tail.lastId()")),

    // Failures.
    GOES_ON_AFTER_A_FAILED_SYNC(job("everything, ERRORS"), skip("queue-failure")),
    SYNCS_AGAIN_AFTER_A_FAILED_SYNC(job("everything, ERRORS"), replace("group-write", """
            try {
                put(position, group.bytes(), length, sync);
            } catch (IOException e) {
                file.sync();
            }""")),
    WRITES_WHEN_IT_CLOSES_A_FAILED_LOG(
            job("everything, ERRORS"),
            change("close-failed", "failed == null", "failed == null || failed.getMessage() != null"),
            skip("sync-failed")),
    SHOWS_A_BATCH_THAT_COULD_NOT_BE_READ(
            test("dev.holdfast.testkit.file.UnreadableBufferTest#partOfAnUnreadableBatchIsRolledBack"),
            replace("batch-added", """
            for (int i = 0; i < batch.count(); i++) {
                ByteBuffer one = batch.data()[i];
                records.add(one, one.position(), one.remaining());
                if (i < batch.count() - 1) records.continueBatch();
            }""")),
    KEEPS_THE_IDS_OF_REFUSED_APPENDS(
            test("dev.holdfast.testkit.file.FullDiskTest#appendsQueuedBehindARefusedAppendAreRefusedAndTheirIdsReused"),
            skip("refused-ids")),

    // One owner.
    DOES_NOT_LOCK(job("readers and rivals"), skip("open-lock")),
    LOCKS_NOTHING_ON_THE_DISK(
            test("dev.holdfast.testkit.disk.DiskStorageContractTest#secondLockIsRefusedAndNamesTheHolder"),
            skip("storage-lock")),
    LOCKS_WITHIN_ITS_PROCESS_ONLY(
            test("dev.holdfast.wal.storage.DirectoryLockTest#lockOfOtherCodeInThisProcessIsRespected"),
            change("process-lock", "!file.tryLock()", "HELD.size() < 0")),
    CHANGES_A_DIRECTORY_THAT_IS_ANOTHERS(
            test("dev.holdfast.wal.file.ChangedFilesTest#closeDetectsAReplacedLock"),
            change("lock-key", "now.equals(key)", "now != null")),
    GOES_ON_IN_A_FILE_WITHOUT_A_NAME(
            test("dev.holdfast.wal.file.ChangedFilesTest#closeDetectsADeletedNewestSegment"), skip("tail-named")),

    // Directories above the directory of the log.
    DOES_NOT_SYNC_THE_PARENT_OF_A_DIRECTORY_IT_MAKES(new MadeDirectories(), skip("directory-parent-sync")),
    DOES_NOT_SYNC_THE_PARENT_OF_A_DIRECTORY_IT_FINDS(new MadeDirectories(), skip("parent-sync")),

    // Damage.
    HAS_NO_DURABLE_ID(
            test("dev.holdfast.wal.recovery.DamagedLogTest#flippedBitOfAClosedLogIsHarmlessOrDetected"),
            change("header-durable-id", "declared.durableId()", "-1")),
    CUTS_AT_THE_FIRST_BAD_FRAME(
            test("dev.holdfast.wal.recovery.DamagedLogTest#flippedBitOfAClosedLogIsHarmlessOrDetected"),
            replace("verdict", "return TORN;")),
    DOES_NOT_CHECK_HEADERS(
            test("dev.holdfast.wal.recovery.DamagedLogTest#flippedBitOfAClosedLogIsHarmlessOrDetected"),
            change("segment-checksum", "stored != computed", "stored != computed && bytes.length < 0")),
    DOES_NOT_CHECK_WHAT_IT_READS(
            test("dev.holdfast.wal.recovery.DamagedLogTest#flippedBitOfAClosedLogIsHarmlessOrDetected"),
            change("frame-checksum", "!= computedChecksum()", "!= Frame.storedChecksum(buffer.bytes(), index)")),
    ASKS_FOR_NO_PROOF_BESIDE_A_WRITER(
            test("dev.holdfast.wal.recovery.ObserverTest#damageProvenByALaterGroupIsReportedBesideAWriter"),
            change("observed-proof", "if (", "if (!written && ")),
    TAKES_WHAT_IS_BEING_WRITTEN_FOR_DAMAGE(
            test("dev.holdfast.wal.recovery.ObserverTest#placeThatIsIntactWhenReadAgainIsNotDamage"),
            skip("observed-again")),
    TRUSTS_THE_LENGTH_OF_A_DAMAGED_FRAME(
            test("dev.holdfast.wal.segment.RecordWalkTest#damagedRecordHidesOthersOnlyIfItsLengthMayBeWrong"),
            change("damaged-length", "isFilled()", "nextFrame == end")),

    // Readers while a writer is active.
    FOLLOWS_REMOVALS_AT_ITS_END_ALONE(
            test("dev.holdfast.wal.engine.FollowerTest#removedRecordsDisappearWhenTheViewIsStale"),
            skip("read-poll"),
            replace("catalog-poll", """
            if (poll == null) {
                poll.lookIfStale();
            }""")),
    GOES_ON_WITH_ANOTHER_LOG(
            test("dev.holdfast.wal.engine.FollowerTest#recordsOfTwoLogsAreNeverMixedWhenOneReplacesTheOther"),
            change("observed-log", "if (", "if (newest.epoch() < 0 && ")),
    HINTS_WHAT_IS_ONLY_WRITTEN(
            job("readers and rivals, synced later"),
            replace("hint-declares", """
            GroupHeader.encode(
                    small,
                    0,
                    GroupKind.IDLE,
                    0,
                    0,
                    nextId,
                    new Declaration(nextId - 1, declared.trimPoint()),
                    checksum,
                    header.salt(),
                    -header.epoch());"""),
            after("tail-written", "publishDurableId();")),
    GIVES_NO_HINT(
            test("dev.holdfast.wal.engine.FollowerHintTest#lastRecordBeforeSilenceIsSeenWithoutAMarker"),
            change("tail-hint", "if (hints)", "if (hints && durableId < 0)")),
    BELIEVES_THE_HINT_OF_ANOTHER_SEGMENT(
            test("dev.holdfast.wal.engine.FollowerHintTest#hintOfAnotherSegmentIsIgnored"),
            change("hint-valid", "group.read(hint, 0, checksum, header.salt(), -header.epoch())", "true"),
            change("hint-durable-id", "reader.group().durableId()", "hint.getLong(24)")),
    BELIEVES_A_HINT_WITHOUT_A_WRITER(
            test("dev.holdfast.wal.engine.FollowerHintTest#hintProvesNothingWithoutAWriter"),
            change("observed-unproven", "tail.durableId() + 1", "Math.max(tail.durableId(), tail.hintedId()) + 1")),
    BELIEVES_THE_HINT_OF_THE_WRITER_BEFORE(
            test("dev.holdfast.wal.storage.DirectoryLockTest#newHolderRemovesTheHintOfAHolderThatWasKilled"),
            skip("lock-hint")),
    TRUSTS_A_STAMP_OF_JUST_NOW(
            test("dev.holdfast.wal.storage.DiskStorageTest#stampOfNamesIsReturnedOnlyIfALaterChangeWouldDiffer"),
            change("stamp-settled", "settled && ", "")),
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
