package dev.holdfast.wal.storage;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.Semaphore;

/**
 * Limits the number of files that all logs of this process keep open only to save time. If opening another file fails,
 * perhaps because no descriptor is left, all of them are closed first, and the file is opened once more. Thread-safe.
 */
public final class KeptOpen {
    private static final Semaphore FREE = new Semaphore(Math.min(1024, Processes.mostOpenFiles() / 4));

    /** Weak, so a log that nobody closes does not stay in memory. */
    private static final Set<Runnable> CLOSERS =
            Collections.newSetFromMap(Collections.synchronizedMap(new WeakHashMap<>()));

    interface Opening<T> {
        T open() throws IOException;
    }

    private KeptOpen() {}

    /** Takes a permit to keep one more file open. Returns false if none is free. */
    public static boolean tryTake() {
        return FREE.tryAcquire();
    }

    /** Gives permits back, after the files were closed. */
    public static void giveBack(int permits) {
        FREE.release(permits);
    }

    /** Adds a function that closes the files which one log keeps open. The caller must keep the function reachable. */
    public static void add(Runnable closer) {
        CLOSERS.add(closer);
    }

    public static void remove(Runnable closer) {
        CLOSERS.remove(closer);
    }

    /** Opens a file. The caller must not hold a lock that a closer takes. */
    static <T> T open(Opening<T> opening) throws IOException {
        try {
            return opening.open();
        } catch (NoSuchFileException | NoSpaceException e) {
            throw e;
        } catch (IOException e) {
            // Repeated even if nothing is left to close, because another thread may just have closed all files.
            for (Runnable closer : CLOSERS.toArray(Runnable[]::new)) {
                closer.run();
            }
            return opening.open(); // seam: kept-open
        }
    }
}
