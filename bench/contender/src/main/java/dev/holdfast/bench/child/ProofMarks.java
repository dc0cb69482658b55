package dev.holdfast.bench.child;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes a line before each append and a line after its acknowledgement to a file next to the log. A system call trace
 * contains these lines between the calls of the log. The file is not synced and not in the directory of the log.
 */
public final class ProofMarks implements AutoCloseable {
    /** Mark in the trace before an append. */
    public static final String BEGIN = "append-begins";
    /** Mark in the trace after the acknowledgement of an append. */
    public static final String ACKNOWLEDGED = "append-acknowledged";

    interface Step {
        void run() throws Exception;
    }

    private final FileChannel file;

    ProofMarks(Path directory) throws IOException {
        Path beside = directory.resolveSibling(directory.getFileName() + ".marks");
        file = FileChannel.open(beside, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    }

    void around(Step append) throws Exception {
        write(BEGIN);
        append.run();
        write(ACKNOWLEDGED);
    }

    private void write(String mark) throws IOException {
        file.write(ByteBuffer.wrap(mark.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
