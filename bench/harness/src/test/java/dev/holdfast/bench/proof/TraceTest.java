package dev.holdfast.bench.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TraceTest {
    private static final String BEGIN = "7 write(9</w/log.marks>, \"append-begins\", 13) = 13";
    private static final String ACKNOWLEDGED = "7 write(9</w/log.marks>, \"append-acknowledged\", 19) = 19";
    private static final String WRITE = "7 pwrite64(5</w/log/a>, \"abc\"..., 1000, 0) = 1000";

    private static Proof judge(String... between) {
        List<String> lines = new ArrayList<>(List.of(BEGIN));
        lines.addAll(List.of(between));
        lines.add(ACKNOWLEDGED);
        return Trace.judge(lines, "/w/log");
    }

    private static void proven(String by, String... between) {
        assertThat(judge(between)).isEqualTo(new Proof.Proven(1, by));
    }

    private static void unproven(String... between) {
        assertThat(judge(between)).isInstanceOf(Proof.Unproven.class);
    }

    @Test
    void syncAfterTheWriteProves() {
        proven("fdatasync", WRITE, "7 fdatasync(5</w/log/a>) = 0");
        proven("fsync", WRITE, "8 fsync(5</w/log/a>) = 0");
    }

    @Test
    void writeAloneProvesNothing() {
        unproven(WRITE);
    }

    @Test
    void syncBeforeTheWriteProvesNothing() {
        unproven("7 fdatasync(5</w/log/a>) = 0", WRITE);
    }

    @Test
    void failedSyncProvesNothing() {
        unproven(WRITE, "7 fdatasync(5</w/log/a>) = -1 EIO (Input/output error)");
    }

    @Test
    void syncOfAnotherFileProvesNothing() {
        unproven(WRITE, "7 fdatasync(5</w/log-of-another/a>) = 0");
    }

    @Test
    void writeToLockNeedsNoSync() {
        proven("fdatasync", WRITE, "7 fdatasync(5</w/log/a>) = 0", "7 write(6</w/log/LOCK>, \"x\", 1) = 1");
    }

    @Test
    void syncThatReturnsAfterTheAcknowledgementProvesNothing() {
        unproven(WRITE, "8 fdatasync(5</w/log/a> <unfinished ...>");
    }

    @Test
    void syncThatBeganBeforeTheWriteProvesNothing() {
        unproven("8 fdatasync(5</w/log/a> <unfinished ...>", WRITE, "8 <... fdatasync resumed>) = 0");
    }

    @Test
    void syncThatWasInterruptedByOtherThreadsInTheTraceProves() {
        proven(
                "fdatasync",
                WRITE,
                "8 fdatasync(5</w/log/a> <unfinished ...>",
                "9 write(1</dev/null>, \"x\", 1) = 1",
                "8 <... fdatasync resumed>) = 0");
    }

    @Test
    void writeToAFileOpenedSynchronouslyProvesAlsoAfterARename() {
        proven(
                "O_DSYNC write",
                "7 openat(AT_FDCWD, \"/w/log/b.tmp\", O_RDWR|O_CREAT|O_DSYNC, 0666) = 5</w/log/b.tmp>",
                WRITE);
    }

    @Test
    void zerosWrittenToAnotherFileAfterTheSyncDisproveNothing() {
        String fill = "8 write(6</w/log/spare>, \"" + "\\0".repeat(4096) + "\"..., 65536) = 65536";
        proven("fdatasync", WRITE, "7 fdatasync(5</w/log/a>) = 0", fill);
        unproven(WRITE, fill);
        unproven(WRITE, "7 fdatasync(5</w/log/a>) = 0", fill.replace("\\0\"...", "\\1\"..."));
    }

    @Test
    void descriptorReopenedWithoutSyncProvesNothing() {
        unproven(
                "7 openat(AT_FDCWD, \"/w/log/b\", O_RDWR|O_DSYNC, 0666) = 5</w/log/b>",
                "7 openat(AT_FDCWD, \"/w/log/a\", O_RDWR, 0666) = 5</w/log/a>",
                WRITE);
    }

    @Test
    void syncOfMemoryThatMapsTheLogProves() {
        String map = "7 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED, 5</w/log/a>, 0) = 0x7f0000000000";

        proven("msync", map, "7 msync(0x7f0000001000, 4096, MS_SYNC) = 0");
        unproven(map, "7 msync(0x7f0000002000, 4096, MS_SYNC) = 0");
        unproven(map, "7 msync(0x7f0000001000, 4096, MS_ASYNC) = 0");
    }

    @Test
    void asynchronousKernelWriteNeedsASyncAfterIt() {
        String submit =
                "7 io_submit(0x7f00, 1, [{aio_data=0, aio_lio_opcode=IOCB_CMD_PWRITE, aio_fildes=5</w/log/a>}]) = 1";

        proven("fdatasync", submit, "8 fdatasync(5</w/log/a>) = 0");
        unproven(submit);
        unproven("8 fdatasync(5</w/log/a>) = 0", submit);
    }

    @Test
    void singleAppendWithoutASyncDisproves() {
        List<String> lines =
                List.of(BEGIN, WRITE, "7 fsync(5</w/log/a>) = 0", ACKNOWLEDGED, BEGIN, WRITE, ACKNOWLEDGED);

        assertThat(Trace.judge(lines, "/w/log")).isInstanceOf(Proof.Unproven.class);
    }

    @Test
    void traceWithoutAnAppendProvesNothing() {
        assertThat(Trace.judge(List.of("7 fsync(5</w/log/a>) = 0"), "/w/log")).isInstanceOf(Proof.Unproven.class);
    }
}
