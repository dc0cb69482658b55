package dev.holdfast.cli.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A new temporary directory for the demo. It is deleted when the demo ends, also if the demo is interrupted. */
public final class DemoDirectory implements AutoCloseable {
    private final Path path;
    private final Thread onInterrupt = new Thread(this::deleteQuietly, "holdfast-demo-cleanup");
    private volatile boolean keep;

    /** Creates a directory inside {@code parent}, which must exist. Nothing else in {@code parent} is changed. */
    public DemoDirectory(Path parent, boolean keep) throws IOException {
        this.path = Files.createTempDirectory(parent.toRealPath(), "holdfast-demo-");
        this.keep = keep;
        Runtime.getRuntime().addShutdownHook(onInterrupt);
    }

    public Path path() {
        return path;
    }

    /** Keeps the directory when the demo ends. */
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
            return; // the shutdown hook deletes it
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
            // Ignored: the process is ending, so there is no caller to report the failure to.
        }
    }
}
