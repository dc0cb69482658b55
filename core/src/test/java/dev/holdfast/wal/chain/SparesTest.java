package dev.holdfast.wal.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.chain.Spares.Spare;
import dev.holdfast.wal.format.SpareName;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SparesTest {
    private static final long SMALL = 8192;

    private final Spares spares = new Spares();

    private void add(String name, long length, boolean proven) {
        spares.add(new Spare(name, length, proven, true));
    }

    @Test
    void unprovenSparesDoNotServeRolls() {
        for (int i = 0; i <= Spares.RESERVED; i++) {
            add("proven " + i, SMALL, true);
        }
        add("unproven", SMALL, false);
        assertThat(spares.forRolls(SMALL)).isOne();
        assertThat(spares.forRolls(SMALL + 1)).isZero();
    }

    @Test
    void longSparesCompleteOnlyTheReserveOfAnyLength() {
        spares.keepUpTo(SMALL);
        for (int i = 0; i < Spares.RESERVED; i++) {
            add("long " + i, 2 * SMALL, true);
        }
        assertThat(spares.hasReserve()).isTrue();
        assertThat(spares.hasLongReserve(0)).isTrue();
        assertThat(spares.hasProvenReserve(0)).isFalse();
        assertThat(spares.takeUnfit(0)).isEmpty();
        add("another", 2 * SMALL, true);
        assertThat(spares.takeUnfit(0)).isPresent();
        assertThat(spares.takeUnfit(0)).isEmpty();
    }

    @Test
    void provenSparesAreTakenFirstAndOfThoseTheShortest() {
        add("short, unproven", SMALL, false);
        add("long", 3 * SMALL, true);
        add("middle", 2 * SMALL, true);
        assertThat(spares.take(SMALL).orElseThrow().name()).isEqualTo("middle");
        assertThat(spares.take(SMALL).orElseThrow().name()).isEqualTo("long");
        assertThat(spares.take(SMALL + 1)).isEmpty();
        assertThat(spares.take(SMALL).orElseThrow().name()).isEqualTo("short, unproven");
    }

    @Test
    void onlySettledSparesAreTaken() {
        Spare recycled = new Spare("recycled", SMALL, true, false);
        spares.add(recycled);
        assertThat(spares.has(SMALL)).isTrue();
        assertThat(spares.take(SMALL)).isEmpty();
        List<Spare> before = spares.unsettled();
        spares.add(new Spare("recycled later", SMALL, true, false));
        spares.settle(before);
        assertThat(spares.take(SMALL)).contains(new Spare("recycled", SMALL, true, true));
        assertThat(spares.take(SMALL)).isEmpty();
    }

    @Test
    void forgottenSpareIsNotSettled() {
        Spare shared = new Spare("shared", SMALL, true, false);
        spares.add(shared);
        List<Spare> before = spares.unsettled();
        spares.remove(shared);
        spares.settle(before);
        assertThat(spares.count()).isZero();
    }

    @Test
    void sparesWithoutFilesAreForgotten() throws IOException {
        add("there", SMALL, true);
        add("deleted", SMALL, true);
        spares.add(new Spare("renamed", SMALL, true, false));
        spares.forgetDeleted(new HeapStorage().put("there", new byte[8192]));
        assertThat(spares.count()).isOne();
    }

    @Test
    void numbersOfFilesThatExistAreNotGivenAgain() {
        spares.adopt(new SpareName(2, false), new StoredFile("spare-00000002.new.tmp", SMALL, 1, true));
        assertThat(spares.count()).isZero();
        assertThat(spares.newNumber()).isEqualTo(3);
        spares.adopt(new SpareName(SpareName.MAX_NUMBER, true), new StoredFile("spare", SMALL, 1, true));
        assertThat(spares.newNumber()).isEqualTo(1);
        assertThat(spares.newNumber()).isEqualTo(3);
    }
}
