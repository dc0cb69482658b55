package dev.holdfast.testkit.damage;

/** What a log did after it was damaged. */
enum Outcome {
    /** The log returns all of its records. */
    HARMLESS,
    /** Opening the log throws an error that names the damage. */
    ERROR_AT_OPEN,
    /** The log opens, and reading the damaged records throws an error that names them. */
    ERROR_AT_READ,
    /** The log has lost records of the last group before a crash, the exception that G5 permits. */
    LAST_GROUP_LOST
}
