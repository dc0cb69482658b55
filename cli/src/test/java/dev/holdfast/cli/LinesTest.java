package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.LogRecord;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LinesTest {
    private static final int MAX_BYTES = 8;

    @Test
    void lineEndsOnlyAtALineFeed() throws IOException {
        assertThat(split("a\nb\rc\r\nd\f\u000b\n")).containsExactly("a", "b\rc\r", "d\f\u000b");
    }

    @Test
    void emptyLinesAreLines() throws IOException {
        assertThat(split("\n\na\n\n")).containsExactly("", "", "a", "");
    }

    @Test
    void lastLineNeedsNoLineFeed() throws IOException {
        assertThat(split("a\nb")).containsExactly("a", "b");
    }

    @Test
    void emptyInputHasNoLine() throws IOException {
        assertThat(split("")).isEmpty();
    }

    @Test
    void bytesThatAreNotTextAreNotChanged() throws IOException {
        assertThat(split("\0\0\n\u00ff\u00fe\u0080\n")).containsExactly("\0\0", "\u00ff\u00fe\u0080");
    }

    @Test
    void lineOfTheMaximumLengthIsReturned() throws IOException {
        assertThat(split("12345678\n12345678")).containsExactly("12345678", "12345678");
    }

    @Test
    void tooLongLineEndsTheInputAfterEarlierLines() {
        for (String tooLong : List.of("123456789", "123456789\nnext\n", "123456789123456789123456789")) {
            List<String> taken = new ArrayList<>();
            assertThatThrownBy(() -> split(bytes("a\nb\n" + tooLong), taken))
                    .isInstanceOf(LineTooLongException.class)
                    .hasMessage("line 3 is longer than a record may be: the limit is 8 bytes");
            assertThat(taken).containsExactly("a", "b");
        }
    }

    @Test
    void linesDoNotDependOnTheSizeOfReads() throws IOException {
        long seed = new SplittableRandom().nextLong();
        SplittableRandom random = new SplittableRandom(seed);
        for (int run = 0; run < 200; run++) {
            byte[] input = new byte[random.nextInt(300)];
            for (int i = 0; i < input.length; i++) {
                input[i] = (byte) (i % (MAX_BYTES + 1) == 0 ? '\n' : random.nextInt(256));
            }
            List<String> lines = new ArrayList<>();
            split(inPieces(input, random), lines);
            assertThat(lines).as("seed %d, run %d", seed, run).isEqualTo(expected(input));
        }
    }

    @Test
    void lineOfTheMaximumRecordSizeIsReadInPieces() throws IOException {
        int longest = LogRecord.MAX_DATA_BYTES;
        byte[] input = new byte[2 * longest + 2];
        input[longest] = '\n';
        input[2 * longest + 1] = '\n';
        Lines lines = new Lines(inPieces(input, new SplittableRandom(1)), longest);
        for (int i = 0; i < 2; i++) {
            assertThat(lines.next())
                    .singleElement()
                    .extracting(ByteBuffer::remaining)
                    .isEqualTo(longest);
        }
        assertThat(lines.next()).isEmpty();
    }

    private static List<String> expected(byte[] input) {
        String text = new String(input, StandardCharsets.ISO_8859_1);
        List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
        if (lines.get(lines.size() - 1).isEmpty()) {
            lines.remove(lines.size() - 1);
        }
        return lines;
    }

    private static List<String> split(String input) throws IOException {
        List<String> lines = new ArrayList<>();
        split(bytes(input), lines);
        return lines;
    }

    private static void split(InputStream input, List<String> into) throws IOException {
        Lines lines = new Lines(input, MAX_BYTES);
        for (List<ByteBuffer> some = lines.next(); !some.isEmpty(); some = lines.next()) {
            for (ByteBuffer line : some) {
                into.add(StandardCharsets.ISO_8859_1.decode(line).toString());
            }
        }
    }

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Returns input that arrives in pieces of a few bytes, as from a slow pipe. */
    private static InputStream inPieces(byte[] input, SplittableRandom random) {
        return new ByteArrayInputStream(input) {
            @Override
            public synchronized int read(byte[] into, int from, int length) {
                return super.read(into, from, Math.min(length, 1 + random.nextInt(50_000)));
            }
        };
    }
}
