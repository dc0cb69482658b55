package dev.holdfast.testkit.damage;

import java.util.Map;
import java.util.Set;

/**
 * One thing that happens to the files of a log.
 *
 * @param kind of damage
 * @param what exactly, for messages
 * @param touched the names of the files that it concerns
 * @param files all files after it
 */
record Damage(Kind kind, String what, Set<String> touched, Map<String, byte[]> files) {
    /** Kinds of damage, as they are counted. */
    enum Kind {
        BIT_FLIPPED("bit flipped"),
        SECTOR_ZEROED("sector zeroed"),
        SECTOR_SWAPPED_WITHIN_A_FILE("sector swapped within a file"),
        SECTOR_SWAPPED_BETWEEN_FILES("sector swapped between files"),
        SECTOR_OLDER("sector replaced by an older version"),
        PAGE_ZEROED("page zeroed"),
        PAGE_SWAPPED_WITHIN_A_FILE("page swapped within a file"),
        PAGE_SWAPPED_BETWEEN_FILES("page swapped between files"),
        PAGE_OLDER("page replaced by an older version"),
        FILE_CUT("file cut"),
        ZEROS_APPENDED("zeros appended"),
        RANDOM_APPENDED("random bytes appended"),
        FILE_MISSING("file missing"),
        FILES_SWAPPED("two files swapped"),
        FILE_DUPLICATED("file duplicated");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }
}
