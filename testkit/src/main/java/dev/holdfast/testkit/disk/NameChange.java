package dev.holdfast.testkit.disk;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A create ({@code from} is null), a rename, or a delete ({@code to} is null).
 *
 * @param sequence its place among all changes of the disk
 * @param file the file that the names are or were of
 */
record NameChange(
        long sequence, @Nullable String from, @Nullable String to, int file) {
    /**
     * Applies the change to names that may lack changes before it. A change that needs a name which an earlier, lost
     * change has not given free is lost too: no order of writing directory blocks makes a file vanish without a delete.
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
            names.values()
                    .removeIf(named -> named == file); // whatever name an earlier change, lost or not, has given it
            names.put(to, file);
        }
    }
}
