package dev.holdfast.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Splits bytes into lines at each {@code \n}. Bytes after the last {@code \n} are a line too. Keeps at most one line
 * and one read in memory.
 */
final class Lines implements RecordSource {
    /** Size of one read, the capacity of a pipe. Lines that arrive in one read are returned together. */
    private static final int READ_BYTES = 1 << 16;

    private final InputStream in;
    private final int maxLineBytes;
    private byte[] buffer = new byte[READ_BYTES];
    /** The unfinished line is in the buffer from {@code start} to {@code end}. */
    private int start;

    private int end;
    private long handedOut;
    private boolean ended;
    private boolean tooLong;

    Lines(InputStream in, int maxLineBytes) {
        this.in = in;
        this.maxLineBytes = maxLineBytes;
    }

    /**
     * Waits until at least one line is complete, and returns all complete lines.
     *
     * @return views that are valid until the next call; an empty list at the end of the input
     * @throws LineTooLongException if the next line is too long; all lines before it have been returned
     */
    @Override
    public List<ByteBuffer> next() throws IOException {
        List<ByteBuffer> lines = new ArrayList<>();
        while (lines.isEmpty() && !ended && !tooLong) {
            makeRoom();
            int count = in.read(buffer, end, buffer.length - end);
            if (count < 0) {
                takeUnfinished(lines);
            } else {
                split(count, lines);
            }
        }
        if (lines.isEmpty() && tooLong) {
            throw new LineTooLongException(handedOut + 1, maxLineBytes);
        }
        handedOut += lines.size();
        return lines;
    }

    private void makeRoom() {
        System.arraycopy(buffer, start, buffer, 0, end - start);
        end -= start;
        start = 0;
        if (end == buffer.length) {
            // One line of the maximum length and one read are enough: a longer unfinished line ends the input.
            buffer = Arrays.copyOf(buffer, (int) Math.min(2L * buffer.length, (long) maxLineBytes + READ_BYTES));
        }
    }

    private void split(int count, List<ByteBuffer> lines) {
        int newEnd = end + count;
        for (; end < newEnd && !tooLong; end++) {
            if (buffer[end] == '\n') {
                take(end, lines);
            }
        }
        tooLong |= end - start > maxLineBytes;
    }

    private void takeUnfinished(List<ByteBuffer> lines) {
        ended = true;
        if (end > start) {
            take(end, lines);
        }
    }

    private void take(int lineEnd, List<ByteBuffer> lines) {
        if (lineEnd - start > maxLineBytes) {
            tooLong = true;
            return;
        }
        lines.add(ByteBuffer.wrap(buffer, start, lineEnd - start));
        start = lineEnd + 1;
    }
}
