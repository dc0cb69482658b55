package dev.holdfast.cli.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A fresh directory of the demo's own, which disappears with it, also when the demo is interrupted. */
public final class DemoDirectory implements AutoCloseable {
    private final Path path;
    private final Thread onInterrupt = new Thread(this::deleteQuietly, "holdfast-demo-cleanup");
    private volatile boolean keep;

    /** Makes a directory inside {@code parent}, which must exist and of which nothing else is touched. */
    public DemoDirectory(Path parent, boolean keep) throws IOException {
        this.path = Files.createTempDirectory(parent.toRealPath(), "holdfast-demo-");
        this.keep = keep;
        Runtime.getRuntime().addShutdownHook(onInterrupt);
    }

    public Path path() {
        return path;
    }

    /** Leaves the directory where it is. */
    public void keep() {
        keep = true;
    }

    public boolean kept() {
        return keep;
    }

    @Override
    public void close() throws IOException {
        try {
            Runtime.getRuntime().removeShutdownHook(onInterrupt);
        } catch (IllegalStateException shuttingDown) {
            return; // the hook does it
        }
        if (!keep) {
            delete();
        }
    }

    private void delete() throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> all = Files.walk(path)) {
            deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : deepestFirst) {
            Files.deleteIfExists(each);
        }
    }

    private void deleteQuietly() {
        try {
            if (!keep) {
                delete();
            }
        } catch (IOException | UncheckedIOException stillInUse) {
            // The process ends now, and there is nobody left to tell.
        }
    }
}
