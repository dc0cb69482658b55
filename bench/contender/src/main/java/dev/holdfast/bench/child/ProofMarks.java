package dev.holdfast.bench.child;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes a line before each append and one after its acknowledgement, to a file beside the log: a trace of system calls
 * shows them among those of the log. (Appends to that file are neither synced nor anywhere near the log's directory.)
 */
public final class ProofMarks implements AutoCloseable {
    /** What stands in the trace before an append. */
    public static final String BEGIN = "append-begins";
    /** What stands there after it was acknowledged. */
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
