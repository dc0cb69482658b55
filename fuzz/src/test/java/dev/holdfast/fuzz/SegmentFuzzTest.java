package dev.holdfast.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.RecordWalk;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentIndex;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Fuzzes one segment with forged groups. The scan must end, and a walk must return exactly the records that the scan
 * accepts, whatever the index contains.
 */
@ExtendWith(UnpackCorpus.class)
class SegmentFuzzTest {
    private static final String NAME = new SegmentName(1, 1).fileName();
    private static final SegmentHeader HEADER = Example.KILLED.header(NAME);
    private static final int MAX_CHANGES = 16;

    @FuzzTest(maxDuration = "5m")
    void recordsAcceptedByTheScanAreReadable(FuzzedDataProvider data) throws IOException {
        HeapStorage directory = Example.KILLED.files();
        byte[] file = directory.bytes(NAME);
        Storage storage = new MeasuredStorage(directory);
        Forge forge = new Forge(data);
        int[] index = new int[(data.consumeByte() & 3) * 3];
        for (int i = 0; i < index.length; i++) {
            index[i] = (int) Numbers.near(data, 0, 4096, 4136);
        }
        for (int i = 0; i < MAX_CHANGES && data.remainingBytes() > 0; i++) {
            switch (data.consumeByte() & 3) {
                case 0 -> forge.putGroupHeader(file, HEADER);
                case 1 -> forge.putFrame(file, HEADER);
                case 2 -> file[4096 + (data.consumeShort() & 4095)] ^= data.consumeByte();
                default -> forge.putRecords(file, HEADER);
            }
        }
        Segment segment = new Segment(storage, HEADER, new SegmentIndex());
        TailScan scan = scan(segment);
        try {
            assertEquals(scan.lastId() - HEADER.baseId() + 1, records(segment, scan.lastId()));
        } catch (CorruptLogException e) {
            // If a group's header is false, the scan accepts its batches but the walk reports them as damaged. Both
            // reject everything after them.
            assertTrue(e.offset() >= scan.position(), e::getMessage);
        }
        try {
            records(new Segment(storage, HEADER, new SegmentIndex(index)), scan.lastId());
        } catch (CorruptLogException e) {
            assertEquals(NAME, e.file());
        }
    }

    private static TailScan scan(Segment segment) throws IOException {
        TailScan scan = new TailScan(segment, segment.acquire(), new ReadBuffer());
        scan.proceed();
        scan.isClosed();
        TailScan.Behind behind = scan.behind();
        assertTrue(behind.tornBytes() >= 0 && scan.tornOffset() + behind.tornBytes() <= HEADER.fileLength());
        assertTrue(scan.position() <= HEADER.fileLength() && scan.endOffset() <= HEADER.fileLength());
        assertTrue(scan.unprovenOffset() <= scan.tornOffset());
        assertTrue(scan.lastId() >= HEADER.baseId() - 1);
        return scan;
    }

    private static long records(Segment segment, long lastId) throws IOException {
        ReadBuffer buffer = new ReadBuffer();
        long count = 0;
        for (long id = HEADER.baseId(); id <= lastId; id++) {
            buffer.look(segment.acquire(), HEADER.fileLength());
            RecordWalk walk = new RecordWalk(segment, id, lastId, buffer);
            walk.next();
            assertEquals(id, walk.record().id());
            count++;
        }
        return count;
    }
}
