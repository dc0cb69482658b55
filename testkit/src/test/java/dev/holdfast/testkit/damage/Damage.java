package dev.holdfast.testkit.damage;

import java.util.Map;
import java.util.Set;

/**
 * One kind of damage done to the files of a log.
 *
 * @param kind the kind of damage
 * @param what the details, for messages
 * @param touched names of the damaged files
 * @param files all files after the damage
 */
record Damage(Kind kind, String what, Set<String> touched, Map<String, byte[]> files) {
    /** Kinds of damage, counted separately. */
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
