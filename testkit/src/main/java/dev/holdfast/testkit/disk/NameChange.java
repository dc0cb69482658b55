package dev.holdfast.testkit.disk;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change of a file's name: a create ({@code from} is null), a rename, or a delete ({@code to} is null).
 *
 * @param sequence the change's position among all changes of the disk
 * @param file the file that is created, renamed or deleted
 */
record NameChange(
        long sequence, @Nullable String from, @Nullable String to, int file) {
    /**
     * Applies the change to a set of names from which earlier changes may be missing. If the target name still belongs
     * to another file because an earlier change is missing, this change has no effect. If it replaced that name, a file
     * would vanish without a delete, which no order of writing directory blocks can cause.
     */
    void applyTo(Map<String, Integer> names) {
        if (to != null) {
            Integer holder = names.get(to);
            if (holder != null && holder != file) {
                return;
            }
        }
        if (to == null) {
            names.remove(from, file);
        } else {
            names.values().removeIf(named -> named == file); // removes any name that an earlier change gave the file
            names.put(to, file);
        }
    }
}
