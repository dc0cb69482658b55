package dev.holdfast.wal.storage;

/**
 * A name in a {@link Storage}, with the attributes of its file.
 *
 * @param length length of the file in bytes
 * @param links number of names (hard links) that the file has, in this directory and in others
 * @param regular false for a directory, a symbolic link or a device
 */
public record StoredFile(String name, long length, int links, boolean regular) {}
