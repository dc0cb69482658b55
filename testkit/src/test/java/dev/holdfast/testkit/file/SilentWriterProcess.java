package dev.holdfast.testkit.file;

import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.storage.DiskStorage;
import dev.holdfast.wal.threads.Environment;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * A process that appends one record for each line that it reads, and is never idle: its log writes no marker after a
 * second. The main method runs in the process.
 */
final class SilentWriterProcess {
    private SilentWriterProcess() {}

    static ChildJvm start(Path directory) throws IOException {
        return ChildJvm.start(SilentWriterProcess.class, directory.toString());
    }

    public static void main(String[] arguments) throws IOException {
        Runnable nothing = () -> {};
        Environment environment = new Environment(
                Runnable::run,
                Runnable::run,
                Runnable::run,
                Runnable::run,
                task -> {},
                System::nanoTime,
                new SplittableRandom()::nextLong,
                nothing);
        LogSettings settings = new LogSettings(1 << 20, 1 << 20, 1 << 16, 1 << 20, true, 8);
        try (StoredLog log = StoredLog.open(DiskStorage.open(Path.of(arguments[0])), settings, environment)) {
            System.out.println("open");
            while (System.in.read() == '\n') {
                System.out.println(log.append(new byte[100]));
            }
        }
    }
}
