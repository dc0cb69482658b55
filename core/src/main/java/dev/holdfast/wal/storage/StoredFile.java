package dev.holdfast.wal.storage;

/**
 * One name in a {@link Storage}.
 *
 * @param name the file's name
 * @param length its length in bytes
 * @param links how many names the file has, in this directory and elsewhere
 * @param regular false for a directory, a symbolic link or a device
 */
public record StoredFile(String name, long length, int links, boolean regular) {}
