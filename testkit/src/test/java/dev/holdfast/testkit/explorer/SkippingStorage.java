package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.WritableFile;
import dev.holdfast.wal.threads.Environment;
import java.io.IOException;
import java.util.OptionalLong;

/** Simulates a disk that skips one kind of sync. Any log on it loses records in some crash. */
final class SkippingStorage extends ForwardingStorage {
    enum Skipped {
        SYNC_OF_NAMES,
        SYNC_OF_A_FILE,
        SYNC_OF_A_WRITE
    }

    private final Skipped skipped;

    private SkippingStorage(Storage disk, Skipped skipped) {
        super(disk);
        this.skipped = skipped;
    }

    static Subject under(Subject subject, Skipped skipped) {
        return new Subject() {
            @Override
            public Log open(Storage storage, LogSettings settings, Environment workers) throws IOException {
                return subject.open(new SkippingStorage(storage, skipped), settings, workers);
            }

            @Override
            public Log openReadOnly(Storage storage, LogSettings settings, Environment workers) throws IOException {
                return subject.openReadOnly(storage, settings, workers);
            }

            @Override
            public OptionalLong unprovenFrom(Log readOnly) {
                return subject.unprovenFrom(readOnly);
            }
        };
    }

    @Override
    public void sync() throws IOException {
        if (skipped != Skipped.SYNC_OF_NAMES) {
            super.sync();
        }
    }

    @Override
    protected WritableFile wrap(WritableFile file) {
        return new Writer(file) {
            @Override
            public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
                if (skipped == Skipped.SYNC_OF_A_WRITE) {
                    write(offset, bytes, from, length);
                } else {
                    super.writeSynced(offset, bytes, from, length);
                }
            }

            @Override
            public void sync() throws IOException {
                if (skipped != Skipped.SYNC_OF_A_FILE) {
                    super.sync();
                }
            }
        };
    }
}
