package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.OptionalLong;

/** Opens a log read-only and checks that the open does not change the disk. */
final class Watcher {
    private interface Look {
        OptionalLong at(Log view) throws IOException;
    }

    private final Subject subject;
    private final LogSettings settings;
    private final CrashDisk disk;
    private final long seed;

    Watcher(Subject subject, LogSettings settings, CrashDisk disk, long seed) {
        this.subject = subject;
        this.settings = settings;
        this.disk = disk;
        this.seed = seed;
    }

    /**
     * Opens a log that no writer has open, and checks that the log contains one of the possible outcomes.
     *
     * @param mustExist false if the disk may hold no log
     * @return id of the last record that the log reports as proven durable; empty if there is none
     */
    OptionalLong watchAlone(Expectation expectation, boolean mustExist) throws IOException {
        try {
            return watch(view -> {
                Finding.of(view, expectation, seed);
                OptionalLong unproven = subject.unprovenFrom(view);
                long proven = unproven.isPresent()
                        ? unproven.getAsLong() - 1
                        : view.lastId().orElse(-1);
                boolean any = proven >= view.firstId().orElse(Long.MAX_VALUE);
                return any ? OptionalLong.of(proven) : OptionalLong.empty();
            });
        } catch (NoSuchFileException e) {
            if (mustExist) {
                throw new Violation("openReadOnly found no log: " + e, e);
            }
            return OptionalLong.empty();
        }
    }

    /**
     * Opens a log that a writer has open, and checks that the view contains a prefix of the acknowledged records.
     *
     * @return id of the last record in the view
     */
    OptionalLong watchBesideWriter(Expectation acknowledged) throws IOException {
        return watch(view -> {
            OptionalLong last = view.lastId();
            if (last.isPresent()) {
                requireBeginning(view, acknowledged, last.getAsLong());
            } else {
                requireNothing(view);
            }
            return last;
        });
    }

    private OptionalLong watch(Look look) throws IOException {
        DiskState before = disk.state();
        long steps = disk.steps();
        OptionalLong found;
        try (Storage storage = disk.process();
                Log view = subject.openReadOnly(storage, settings, new SimulatedEnvironment(seed).environment())) {
            found = look.at(view);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw new Violation("openReadOnly failed: " + e, e);
        }
        if (disk.state() != before || disk.steps() != steps) {
            throw new Violation("openReadOnly changed the disk");
        }
        return found;
    }

    private void requireBeginning(Log view, Expectation acknowledged, long lastId) throws IOException {
        StringBuilder differences = new StringBuilder();
        for (Expectation.Outcome outcome : acknowledged.outcomes()) {
            String difference = Reading.difference(view, outcome.contents().truncate(lastId), seed);
            if (difference == null) {
                return;
            }
            differences.append("\n  compared with ").append(outcome.contents()).append(": ");
            differences.append(difference);
        }
        throw new Violation(
                "a read-only log, opened while the writer was open, contains no prefix of the acknowledged records"
                        + differences);
    }

    private static void requireNothing(Log view) throws IOException {
        try (LogCursor cursor = view.cursor(0)) {
            if (cursor.next()) {
                throw new Violation("a read-only log has no last id but returns record " + cursor.id());
            }
        }
    }
}
