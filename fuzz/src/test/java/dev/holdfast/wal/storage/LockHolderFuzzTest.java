package dev.holdfast.wal.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.fuzz.UnpackCorpus;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtendWith;

/** Fuzzes the content of the file LOCK. */
@ExtendWith(UnpackCorpus.class)
class LockHolderFuzzTest {
    private static final byte[] NOBODY = bytes(LockHolder.nobody());
    private static final byte[] HERE = bytes(LockHolder.here("").text());

    @FuzzTest(maxDuration = "2m")
    void anyTextNamesAHolderOrNobody(byte[] text) {
        LockHolder.parse(ByteBuffer.wrap(text)).ifPresent(LockHolderFuzzTest::assertReadAgain);
        byte[] patched = HERE.clone();
        for (int i = 0; i + 1 < text.length; i += 2) {
            patched[(text[i] & 0xff) * 2] = text[i + 1];
        }
        LockHolder.parse(ByteBuffer.wrap(patched)).ifPresent(LockHolderFuzzTest::assertReadAgain);
        assertEquals(Optional.empty(), LockHolder.parse(ByteBuffer.wrap(NOBODY)));
    }

    private static void assertReadAgain(LockHolder holder) {
        assertEquals(Optional.of(holder), LockHolder.parse(holder.text()));
        assertEquals(false, holder.phrase().isEmpty());
        holder.liveness();
    }

    private static byte[] bytes(ByteBuffer text) {
        byte[] bytes = new byte[text.remaining()];
        text.get(bytes);
        return bytes;
    }
}
