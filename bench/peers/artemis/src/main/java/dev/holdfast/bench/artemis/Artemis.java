package dev.holdfast.bench.artemis;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.Survives;
import java.io.File;
import org.apache.activemq.artemis.core.io.SequentialFileFactory;
import org.apache.activemq.artemis.core.io.aio.AIOSequentialFileFactory;
import org.apache.activemq.artemis.core.io.nio.NIOSequentialFileFactory;
import org.apache.activemq.artemis.core.journal.impl.JournalImpl;

/** The journal of Apache ActiveMQ Artemis with NIO, or with libaio as variant {@code aio}. */
public final class Artemis implements Peer {
    /** Size of a file, as in the configuration that the installer of the broker writes. */
    private static final int FILE_BYTES = 10 << 20;

    private static final int FEWEST_FILES = 2;
    private static final int FILES_KEPT = 10;
    private static final int BUFFER_BYTES = 1 << 20;
    /** The shortest timeout, so that the buffer is written as soon as the disk is free. */
    private static final int BUFFER_TIMEOUT_NANOS = 1;

    private static final int MOST_IO_BY_NIO = 1;
    private static final int MOST_IO_BY_AIO = 500;

    @Override
    public Contender open(Opening opening) throws Exception {
        boolean aio = opening.variant().equals("aio");
        if (aio && !AIOSequentialFileFactory.isSupported()) {
            throw new UnsupportedOperationException("libaio cannot be loaded here");
        }
        File directory = opening.directory().toFile();
        SequentialFileFactory files = aio
                ? new AIOSequentialFileFactory(directory, BUFFER_BYTES, BUFFER_TIMEOUT_NANOS, MOST_IO_BY_AIO, false)
                : new NIOSequentialFileFactory(
                        directory, true, BUFFER_BYTES, BUFFER_TIMEOUT_NANOS, MOST_IO_BY_NIO, false);
        // Without datasync, an acknowledgement still waits until the operating system has the record. The record
        // then survives a killed process.
        files.setDatasync(opening.survives() == Survives.POWER_LOSS);
        int mostIo = aio ? MOST_IO_BY_AIO : MOST_IO_BY_NIO;
        JournalImpl journal =
                new JournalImpl(FILE_BYTES, FEWEST_FILES, FILES_KEPT, 0, 0, files, "bench", "log", mostIo);
        return new ArtemisContender(journal, files);
    }
}
