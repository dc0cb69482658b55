package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.engine.LogSettings;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.OptionalLong;

/** Opens a log read-only, and takes care that this changes nothing. */
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
     * Opens a log that nobody has open: it must show one of the outcomes.
     *
     * @param mustExist false if the disk may be one without a log
     * @return the last of the records it shows whose durability it takes for proven
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
                throw new Violation("openReadOnly finds no log: " + e, e);
            }
            return OptionalLong.empty();
        }
    }

    /**
     * Opens a log that a writer has open: it must show a beginning of what that has acknowledged.
     *
     * @return the last record it shows
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
                Log view = subject.openReadOnly(storage, settings, new SimulatedWorkers(seed).workers())) {
            found = look.at(view);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            throw new Violation("openReadOnly fails: " + e, e);
        }
        if (disk.state() != before || disk.steps() != steps) {
            throw new Violation("openReadOnly has changed the disk");
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
            differences.append("\n  of ").append(outcome.contents()).append(": ");
            differences.append(difference);
        }
        throw new Violation("opened read-only beside the writer, it shows no beginning" + differences);
    }

    private static void requireNothing(Log view) throws IOException {
        try (LogCursor cursor = view.cursor(0)) {
            if (cursor.next()) {
                throw new Violation("opened read-only, it says there is no record and shows " + cursor.id());
            }
        }
    }
}
