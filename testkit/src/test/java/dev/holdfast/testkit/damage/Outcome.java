package dev.holdfast.testkit.damage;

/** What became of a damaged log. */
enum Outcome {
    /** It shows everything that it held. */
    HARMLESS,
    /** It is not opened, and says why. */
    ERROR_AT_OPEN,
    /** It is opened, and reading the damaged records says that they are. */
    ERROR_AT_READ,
    /** It has lost records of the last group before a crash, which is what the exception in G5 allows. */
    LAST_GROUP_LOST
}
