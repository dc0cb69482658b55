package dev.holdfast.testkit.damage;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskStep;
import dev.holdfast.testkit.disk.DiskStep.Moment;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Records the bytes of all files of a disk after each operation. The versions of a renamed file are kept under its new
 * name.
 */
final class Versions {
    static final int SECTOR_BYTES = 512;

    private final Map<String, List<byte[]>> versions = new HashMap<>();

    void look(CrashDisk disk, DiskStep step, Moment moment) {
        if (moment != Moment.AFTER) {
            return;
        }
        if (step.kind() == DiskStep.Kind.RENAME) {
            String[] names = step.name().split(" -> ", 2);
            versions.put(names[1], versions.getOrDefault(names[0], new ArrayList<>()));
            versions.remove(names[0]);
        } else if (step.kind() == DiskStep.Kind.DELETE) {
            versions.remove(step.name());
        }
        bytes(disk).forEach((name, bytes) -> remember(versions.computeIfAbsent(name, n -> new ArrayList<>()), bytes));
    }

    private static void remember(List<byte[]> of, byte[] bytes) {
        if (of.isEmpty() || !Arrays.equals(of.get(of.size() - 1), bytes)) {
            of.add(bytes);
        }
    }

    /** Returns, by file and sector number, every recorded version of a sector that differs from its current bytes. */
    Map<String, Map<Integer, List<byte[]>>> older(Map<String, byte[]> now) {
        Map<String, Map<Integer, List<byte[]>>> older = new HashMap<>();
        now.forEach((name, bytes) -> older.put(name, older(versions.getOrDefault(name, List.of()), bytes)));
        return older;
    }

    private static Map<Integer, List<byte[]>> older(List<byte[]> versions, byte[] now) {
        Map<Integer, List<byte[]>> older = new TreeMap<>();
        for (int at = 0; at + SECTOR_BYTES <= now.length; at += SECTOR_BYTES) {
            List<byte[]> found = new ArrayList<>(List.of(Arrays.copyOfRange(now, at, at + SECTOR_BYTES)));
            for (byte[] version : versions) {
                byte[] sector = Arrays.copyOfRange(
                        version, Math.min(at, version.length), Math.min(at, version.length) + SECTOR_BYTES);
                if (found.stream().noneMatch(known -> Arrays.equals(known, sector))) {
                    found.add(sector);
                }
            }
            older.put(at / SECTOR_BYTES, found.subList(1, found.size()));
        }
        return older;
    }

    /** Returns the bytes of all files. */
    static TreeMap<String, byte[]> bytes(CrashDisk disk) {
        TreeMap<String, byte[]> files = new TreeMap<>();
        try (Storage storage = disk.process()) {
            for (StoredFile file : storage.list()) {
                ByteBuffer buffer = ByteBuffer.allocateDirect((int) file.length());
                try (ReadableFile reader = storage.openForReading(file.name())) {
                    reader.read(0, buffer);
                }
                byte[] bytes = new byte[buffer.flip().remaining()];
                buffer.get(bytes);
                files.put(file.name(), bytes);
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
