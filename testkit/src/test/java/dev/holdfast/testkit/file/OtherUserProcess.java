package dev.holdfast.testkit.file;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.file.FileLog;
import java.io.IOException;
import java.nio.file.Path;

/** Opens directories as the current user. Prints for each the number of its records, or the exception. */
public final class OtherUserProcess {
    private OtherUserProcess() {}

    /** Each argument is {@code read:DIRECTORY} or {@code write:DIRECTORY}. */
    public static void main(String[] arguments) {
        for (String argument : arguments) {
            Path directory = Path.of(argument.substring(argument.indexOf(':') + 1));
            try (Log log = argument.startsWith("read:") ? FileLog.openReadOnly(directory) : FileLog.open(directory)) {
                System.out.println(count(log) + " records");
            } catch (IOException e) {
                System.out.println(e.getClass().getSimpleName() + " " + e.getMessage());
            }
        }
    }

    private static int count(Log log) throws IOException {
        int records = 0;
        try (LogCursor cursor = log.cursor(0)) {
            while (cursor.next()) {
                records++;
            }
        }
        return records;
    }
}
