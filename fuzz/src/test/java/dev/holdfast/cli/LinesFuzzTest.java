package dev.holdfast.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.fuzz.UnpackCorpus;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Fuzzes the lines that are piped into the tool. Lines must be returned unchanged, whatever the size of the chunks in
 * which the bytes arrive.
 */
@ExtendWith(UnpackCorpus.class)
class LinesFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void linesAreSplitAtNewlines(FuzzedDataProvider data) throws IOException {
        int longest = data.consumeByte() & 63;
        int chunk = 1 + (data.consumeByte() & 15);
        byte[] bytes = data.consumeRemainingAsBytes();
        List<String> expected = new ArrayList<>();
        boolean tooLong = !split(new String(bytes, StandardCharsets.ISO_8859_1), longest, expected);
        List<String> found = new ArrayList<>();
        Lines lines = new Lines(inChunks(bytes, chunk), longest);
        try {
            for (List<ByteBuffer> some = lines.next(); !some.isEmpty(); some = lines.next()) {
                some.forEach(line ->
                        found.add(StandardCharsets.ISO_8859_1.decode(line).toString()));
            }
            assertEquals(false, tooLong);
        } catch (LineTooLongException e) {
            assertTrue(tooLong);
        }
        assertEquals(expected, found);
    }

    /** Adds the lines before the first line that is too long. Returns whether no line is too long. */
    private static boolean split(String text, int longest, List<String> lines) {
        String[] all = text.split("\n", -1);
        for (int i = 0; i < all.length; i++) {
            if (all[i].length() > longest) {
                return false;
            }
            if (i < all.length - 1 || !all[i].isEmpty()) {
                lines.add(all[i]);
            }
        }
        return true;
    }

    private static InputStream inChunks(byte[] bytes, int chunk) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public int read(byte[] into, int from, int length) {
                return super.read(into, from, Math.min(length, chunk));
            }
        };
    }
}
