package dev.holdfast.bench.own;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.Survives;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * The bare disk: only the writes that every log needs. They follow one another in a file that was filled with zeros and
 * synced before, and each waits for stable storage ({@code O_DSYNC}). After the end of the file they continue at its
 * start.
 */
public final class BareDisk implements Peer {
    private static final int FILE_BYTES = 256 << 20;

    private final int fileBytes;

    public BareDisk() {
        this(FILE_BYTES);
    }

    BareDisk(int fileBytes) {
        this.fileBytes = fileBytes;
    }

    @Override
    public Contender open(Opening opening) throws IOException {
        Path file = opening.directory().resolve("prewritten");
        if (!Files.exists(file)) {
            prewrite(file);
        }
        Set<StandardOpenOption> options = opening.survives() == Survives.POWER_LOSS
                ? Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DSYNC)
                : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
        return new BareFile(FileChannel.open(file, options), fileBytes, opening.recordBytes());
    }

    private void prewrite(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
            while (file.position() < fileBytes) {
                file.write(zeros.clear());
            }
            file.force(true);
        }
    }
}
