package dev.holdfast.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/** The input of records to append. Keeps no more in memory than the records that it returns. */
interface RecordSource {
    /**
     * Waits for at least one record, and returns all records that have arrived.
     *
     * @return views that are valid until the next call; an empty list at the end of the input
     * @throws IOException if the input fails or is malformed; all records before that place have been returned
     */
    List<ByteBuffer> next() throws IOException;

    /**
     * Returns the id that the input gives to the first of the last returned records, or empty if the input gives none.
     * The other records have the following ids.
     */
    default OptionalLong firstId() {
        return OptionalLong.empty();
    }
}
