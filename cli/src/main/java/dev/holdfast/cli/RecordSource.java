package dev.holdfast.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/** Where the records to append come from. Holds no more in memory than what it hands out. */
interface RecordSource {
    /**
     * Waits for records, and returns all that came together.
     *
     * @return views that are valid until the next call; none at the end of the input
     * @throws IOException if the input fails or is not what it should be; all records before that have been returned
     */
    List<ByteBuffer> next() throws IOException;

    /**
     * The id that the input gives to the first of the records last returned, if it does; the others have the ids after
     * it.
     */
    default OptionalLong firstId() {
        return OptionalLong.empty();
    }
}
