package dev.holdfast.wal.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.segment.SameThread;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Damages a log anywhere. The log then returns its records or reports the damage, and never returns anything else. */
class DamagedLogTest {
    private final long seed = Long.getLong("holdfast.seed", new Random().nextLong());
    private final Random random = new Random(seed);
    private final SameThread threads = new SameThread(3);
    private final Checksum checksum = new Checksum();

    DamagedLogTest() {
        System.out.println("DamagedLogTest: rerun with -Dholdfast.seed=" + seed);
    }

    /** Returns the files of a log with a few segments, batches, a trim and a truncation. */
    private Map<String, byte[]> files(boolean closed) throws IOException {
        HeapStorage storage = new HeapStorage();
        StoredLog log = threads.open(storage);
        for (int i = 0; i < 12; i++) {
            List<ByteBuffer> batch = new ArrayList<>();
            for (int j = 0; j <= i % 4; j++) {
                byte[] data = new byte[random.nextInt(400)];
                random.nextBytes(data);
                batch.add(ByteBuffer.wrap(data));
            }
            log.appendAll(batch);
        }
        log.trim(2);
        log.truncate(20);
        log.append(new byte[50]);
        log.append(new byte[60]);
        if (closed) {
            log.close();
        }
        return storage.snapshot();
    }

    private static HeapStorage storage(Map<String, byte[]> files) {
        HeapStorage storage = new HeapStorage();
        files.forEach(storage::put);
        return storage;
    }

    private static List<LogRecord> read(Log log) throws IOException {
        List<LogRecord> records = new ArrayList<>();
        try (LogCursor cursor = log.cursor(0)) {
            while (cursor.next()) {
                records.add(cursor.record());
            }
        }
        return records;
    }

    private List<LogRecord> held(Map<String, byte[]> files) throws IOException {
        try (StoredLog log = threads.openReadOnly(storage(files))) {
            return read(log);
        }
    }

    @Test
    void flippedBitOfAClosedLogIsHarmlessOrDetected() throws IOException {
        Map<String, byte[]> files = files(true);
        List<LogRecord> held = held(files);
        int noticed = 0;
        for (int i = 0; i < 4000; i++) {
            HeapStorage storage = storage(files);
            String what = flip(storage);
            try (Log log = i % 2 == 0 ? threads.open(storage) : threads.openReadOnly(storage)) {
                LogRecord one = held.get(random.nextInt(held.size()));
                assertThat(log.read(one.id())).as(what).contains(one);
                assertThat(read(log)).as(what).isEqualTo(held);
            } catch (CorruptLogException e) {
                assertThat(what).startsWith(e.file());
                noticed++;
            }
            assertThat(storage.openFiles()).as(what).isZero();
        }
        assertThat(noticed).isPositive();
    }

    @Test
    void flippedBitOfAKilledLogIsHarmlessOrDetectedOrInTheLastGroup() throws IOException {
        Map<String, byte[]> files = files(false);
        List<LogRecord> held = held(files);
        for (int i = 0; i < 4000; i++) {
            HeapStorage storage = storage(files);
            String what = flip(storage);
            try (Log log = i % 2 == 0 ? threads.open(storage) : threads.openReadOnly(storage)) {
                List<LogRecord> now = read(log);
                assertThat(now).as(what).hasSizeBetween(held.size() - 1, held.size());
                assertThat(now).as(what).isEqualTo(held.subList(0, now.size()));
            } catch (CorruptLogException e) {
                assertThat(what).startsWith(e.file());
            }
        }
    }

    /** Flips one bit of a segment, with a preference for bytes that are not zero. */
    private String flip(HeapStorage storage) throws IOException {
        List<String> segments = storage.snapshot().keySet().stream()
                .filter(name -> name.endsWith(".seg"))
                .toList();
        String name = segments.get(random.nextInt(segments.size()));
        byte[] bytes = storage.bytes(name);
        int at = random.nextInt(bytes.length);
        while (bytes[at] == 0 && random.nextBoolean()) {
            at = random.nextInt(bytes.length);
        }
        int bit = random.nextInt(8);
        bytes[at] ^= (byte) (1 << bit);
        return name + " at byte " + at + ", bit " + bit + ", seed " + seed;
    }

    @Test
    void zeroedSectorOfAnIdleLogIsHarmlessOrDetected() throws IOException {
        Map<String, byte[]> files = files(true);
        Map<String, byte[]> zeros = new TreeMap<>();
        files.forEach((name, bytes) -> zeros.put(name, new byte[bytes.length]));
        assertSectorsAreHarmlessOrDetected(files, zeros);
    }

    /** Simulates a disk that acknowledged a write but kept the old bytes. */
    @Test
    void staleSectorOfAnIdleLogIsHarmlessOrDetected() throws IOException {
        HeapStorage storage = new HeapStorage();
        StoredLog log = threads.open(storage);
        List<Map<String, byte[]>> moments = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            log.append(new byte[100 + i]);
            moments.add(storage.snapshot());
        }
        log.trim(3);
        moments.add(storage.snapshot());
        threads.idle();
        moments.add(storage.snapshot());
        log.append(new byte[7]);
        moments.add(storage.snapshot());
        log.close();
        Map<String, byte[]> files = storage.snapshot();
        for (Map<String, byte[]> moment : moments) {
            assertSectorsAreHarmlessOrDetected(files, moment);
        }
    }

    private void assertSectorsAreHarmlessOrDetected(Map<String, byte[]> files, Map<String, byte[]> others)
            throws IOException {
        List<LogRecord> held = held(files);
        for (String name : files.keySet()) {
            byte[] other = others.get(name);
            if (other == null || !name.endsWith(".seg")) {
                continue;
            }
            for (int sector = 0; sector < files.get(name).length; sector += 512) {
                HeapStorage storage = storage(files);
                System.arraycopy(other, sector, storage.bytes(name), sector, 512);
                try (Log log = threads.open(storage)) {
                    assertThat(read(log))
                            .as("sector at byte %d of %s", sector, name)
                            .isEqualTo(held);
                } catch (CorruptLogException e) {
                    assertThat(e.file()).isEqualTo(name);
                }
            }
        }
    }

    @Test
    void noiseInFilesNeverHarmsTheReader() throws IOException {
        Map<String, byte[]> files = files(true);
        for (int i = 0; i < 500; i++) {
            HeapStorage storage = storage(files);
            for (String name : files.keySet()) {
                byte[] bytes = storage.bytes(name);
                int from = random.nextInt(bytes.length);
                byte[] noise = new byte[random.nextInt(bytes.length - from)];
                random.nextBytes(noise);
                if (random.nextInt(3) == 0) {
                    System.arraycopy(noise, 0, bytes, from, noise.length);
                }
            }
            openAndRead(storage, "noise " + i);
        }
    }

    /** An attacker who can write to the directory can forge checksums, so no number from disk is trusted. */
    @Test
    void forgedNumbersWithValidChecksumsNeverHarmTheReader() throws IOException {
        Map<String, byte[]> files = files(true);
        for (int i = 0; i < 3000; i++) {
            HeapStorage storage = storage(files);
            String lie = lie(storage);
            openAndRead(storage, lie);
        }
    }

    private void openAndRead(HeapStorage storage, String what) {
        try (Log log = random.nextBoolean() ? threads.open(storage) : threads.openReadOnly(storage)) {
            long first = log.firstId().orElse(0);
            for (int i = 0; i < 10; i++) {
                log.read(first + random.nextInt(30));
            }
            read(log);
        } catch (IOException e) {
            assertThat(e.getMessage()).as(what).isNotNull();
        } catch (RuntimeException | Error e) {
            fail(what + ", seed " + seed, e);
        }
    }

    private String lie(HeapStorage storage) throws IOException {
        List<String> segments = storage.snapshot().keySet().stream()
                .filter(name -> name.endsWith(".seg"))
                .toList();
        String name = segments.get(random.nextInt(segments.size()));
        byte[] bytes = storage.bytes(name);
        SegmentHeader header =
                ((SegmentHeader.Parsed.Valid) SegmentHeader.parse(Arrays.copyOf(bytes, 4096), checksum)).header();
        switch (random.nextInt(3)) {
            case 0:
                return name + lieInHeader(bytes, header);
            case 1:
                return name + lieInGroup(bytes, header);
            default:
                return name + lieInFooter(bytes, header);
        }
    }

    private long number(long truth) {
        switch (random.nextInt(6)) {
            case 0:
                return truth;
            case 1:
                return truth + random.nextInt(20) - 10;
            case 2:
                return 1L << random.nextInt(64);
            case 3:
                return -1L << random.nextInt(64);
            case 4:
                return random.nextInt(10_000);
            default:
                return random.nextLong();
        }
    }

    private String lieInHeader(byte[] bytes, SegmentHeader truth) {
        Predecessor[] predecessors = {
            truth.predecessor(),
            new Predecessor.None(),
            new Predecessor.Sealed(number(truth.epoch() - 1), number(7000)),
            new Predecessor.Cut(number(truth.epoch() - 1), number(7000), random.nextInt())
        };
        SegmentHeader lie = new SegmentHeader(
                truth.epoch(),
                truth.baseId(),
                number(truth.fileLength()),
                (int) number(truth.recordLimit()),
                random.nextBoolean(),
                truth.logId(),
                random.nextInt(4) == 0 ? random.nextLong() : truth.salt(),
                number(truth.trimPoint()),
                predecessors[random.nextInt(predecessors.length)]);
        System.arraycopy(lie.encode(checksum), 0, bytes, 0, 4096);
        return ": " + lie;
    }

    private String lieInGroup(byte[] bytes, SegmentHeader header) {
        List<Integer> groups = new ArrayList<>();
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        direct.put(0, bytes);
        GroupHeader group = new GroupHeader();
        for (int at = 4096; at + 40 <= bytes.length; at += 8) {
            if (group.read(direct, at, checksum, header.salt(), at)) {
                groups.add(at);
            }
        }
        if (groups.isEmpty()) {
            return ": no group";
        }
        int at = groups.get(random.nextInt(groups.size()));
        group.read(direct, at, checksum, header.salt(), at);
        GroupKind kind = random.nextBoolean() ? group.kind() : GroupKind.values()[random.nextInt(7)];
        int body = (int) number(group.bodyBytes());
        int count = (int) number(group.count());
        long first = number(group.firstId());
        long durable = number(group.durableId());
        long trim = number(group.trimPoint());
        GroupHeader.encode(
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN),
                at,
                kind,
                body,
                count,
                first,
                new Declaration(durable, trim),
                checksum,
                header.salt(),
                at);
        return " at byte " + at + ": " + kind + " of " + body + " bytes, " + count + " records from " + first
                + ", durable " + durable + ", trim point " + trim;
    }

    private String lieInFooter(byte[] bytes, SegmentHeader header) {
        int[] index = new int[3 * random.nextInt(3)];
        for (int i = 0; i < index.length; i++) {
            index[i] = (int) number(4096 + 40 * i);
        }
        long nextId = number(header.baseId() + 5);
        Footer footer = new Footer(nextId, number(6000), number(header.epoch() + 1), number(2), index, nextId - 1);
        byte[] encoded = footer.encode(header, checksum, index, index.length / 3);
        int offset = (int) Layout.footerOffset(header.fileLength());
        System.arraycopy(encoded, 0, bytes, offset, Math.min(encoded.length, bytes.length - offset));
        return ": footer to record " + footer.nextId() + ", end " + footer.endOffset();
    }
}
