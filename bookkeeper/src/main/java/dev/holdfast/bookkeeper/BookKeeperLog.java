package dev.holdfast.bookkeeper;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.RecordTooLargeException;
import dev.holdfast.wal.ids.IdSpan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A log on an ensemble of bookies. An append returns when an ack quorum of bookies has its records on stable storage:
 * they survive the end of the process, the loss of its machine and that of all but one of these bookies.
 *
 * <p>Who opens a log for writing owns it, and whoever owned it before is fenced: each of its calls that would change
 * the log throws {@link dev.holdfast.wal.LogFencedException}, and none of its appends is acknowledged any more. Nothing
 * keeps two processes from taking a log from each other in turn; who should own it is for the application to decide.
 * Any number of processes read.
 *
 * <p>Each call that needs the cluster ends within twice the timeout of the options. Where a bookie fails, the log goes
 * on in another segment and the caller sees only that it takes longer. Where that does not help in time, or the
 * metadata store does not answer, the handle fails with {@link dev.holdfast.wal.LogFailedException}; opening the log
 * again decides what became of the calls that failed. Where there were too few bookies for a segment all the time, an
 * append is refused with {@link TooFewBookiesException}, has written nothing, and the log stays usable. Reads that the
 * cluster does not answer in time throw {@link LogTimeoutException}, what it refuses for good
 * {@link UnusableClusterException}.
 *
 * <p>{@code sync} has nothing to do. {@link LogStats#segments} counts ledgers, {@link LogStats#bytes} what sealed ones
 * hold, each record once; {@link LogStats#syncs} is 0, as bookies sync.
 */
public final class BookKeeperLog implements Log {
    private final String name;
    private final int maxRecordBytes;
    private final ViewHolder published;
    private final LedgerReads reads;
    private final TailPoll growth;
    private final @Nullable Writer writer;
    private final @Nullable BookKeeperConnection ownConnection;

    private BookKeeperLog(
            BookKeeperLogOptions options,
            ViewHolder published,
            LedgerReads reads,
            TailPoll growth,
            @Nullable Writer writer,
            @Nullable BookKeeperConnection ownConnection) {
        this.name = options.logName();
        this.maxRecordBytes = options.maxRecordBytes();
        this.published = published;
        this.reads = reads;
        this.growth = growth;
        this.writer = writer;
        this.ownConnection = ownConnection;
    }

    /**
     * Opens a log for writing over a connection of its own; see {@link #open(BookKeeperConnection,
     * BookKeeperLogOptions)}.
     *
     * @throws UnusableClusterException also if there is no cluster at the path of the URI, or no server has a known
     *     host name
     * @throws LogTimeoutException also if the cluster cannot be reached
     */
    public static BookKeeperLog open(BookKeeperLogOptions options) throws IOException {
        BookKeeperConnection connection = BookKeeperConnection.open(options);
        return orClose(connection, () -> open(connection, options, connection));
    }

    /**
     * Opens a log for writing and takes it from whoever has it, after recovering it if it was not closed; makes it
     * where there is none. Closing the log leaves the connection open.
     *
     * @throws dev.holdfast.wal.CorruptLogException if the log's state or acknowledged records are damaged
     * @throws dev.holdfast.wal.LogFencedException if somebody else has taken the log over meanwhile
     * @throws dev.holdfast.wal.UnsupportedFormatException if a newer version of this library wrote it
     * @throws java.nio.file.NoSuchFileException if somebody has begun to delete the log; {@link #delete} finishes that
     * @throws UnusableClusterException if the log's ledgers are in another cluster, or a permission is missing; nothing
     *     was changed
     * @throws LogTimeoutException if the cluster did not answer in time; nothing is lost
     */
    public static BookKeeperLog open(BookKeeperConnection connection, BookKeeperLogOptions options) throws IOException {
        connection.checkServes(options);
        return open(connection, options, null);
    }

    /**
     * Opens a log for reading, whether or not somebody writes it: it changes nothing and takes the log from nobody. It
     * shows what was acknowledged, and its cursors follow, a fraction of a second behind the writer. The ids that it
     * gives are those of its last look, which is at its opening and whenever a reader wants more than is there. Every
     * call that would change the log throws {@link IllegalStateException}.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such log, or somebody is deleting it
     * @throws dev.holdfast.wal.CorruptLogException if the log's state or its last acknowledged records are damaged
     * @throws UnusableClusterException if the log's ledgers are in another cluster, or a permission is missing
     * @throws LogTimeoutException if the cluster did not answer in time
     */
    public static BookKeeperLog openReadOnly(BookKeeperLogOptions options) throws IOException {
        BookKeeperConnection connection = BookKeeperConnection.open(options);
        return orClose(connection, () -> openReadOnly(connection, options, connection));
    }

    /** {@link #openReadOnly(BookKeeperLogOptions)} over a connection that others may use too. */
    public static BookKeeperLog openReadOnly(BookKeeperConnection connection, BookKeeperLogOptions options)
            throws IOException {
        connection.checkServes(options);
        return openReadOnly(connection, options, null);
    }

    /**
     * Removes ledgers of a log that are not part of it: a writer may die after it has made a ledger and before it has
     * entered it into the log, or after a trim and before the ledgers are gone; and a ledger that was open when
     * somebody else took the log over outlives its records, since its fence is what stops the writer that was replaced.
     * Looks at every ledger of the cluster, and removes those that an earlier owner of the log than the present one has
     * made.
     *
     * <p>Call it when you know of each earlier owner that it has closed the log, that its process has ended, or that it
     * was replaced more than an hour ago on a machine that has not been suspended since. Whoever writes now is not
     * disturbed.
     *
     * <p>It reads one node of the metadata store for each ledger of the cluster, 32 at a time. The timeout of the
     * options bounds each question, not the whole call; see {@link #removeLeftOverLedgers(BookKeeperConnection,
     * BookKeeperLogOptions, long, Predicate)} for a call that can be stopped.
     *
     * @return how many were removed
     * @throws java.nio.file.NoSuchFileException if there is no such log
     * @throws LogTimeoutException if one question was not answered in time; what was removed until then is gone, and
     *     another call removes the rest
     */
    public static long removeLeftOverLedgers(BookKeeperConnection connection, BookKeeperLogOptions options)
            throws IOException {
        return removeLeftOverLedgers(connection, options, 0, progress -> true).removed();
    }

    /**
     * As {@link #removeLeftOverLedgers(BookKeeperConnection, BookKeeperLogOptions)}, in steps of about a thousand
     * ledgers. A call that stopped, or failed, is continued by another one from {@link LeftOverProgress#nextLedgerId}
     * of the last step.
     *
     * @param fromLedgerId 0 or more: no ledger with a smaller number is looked at
     * @param goOn is called on the caller's thread after each step; false ends the call
     * @return the progress after the last step
     */
    public static LeftOverProgress removeLeftOverLedgers(
            BookKeeperConnection connection,
            BookKeeperLogOptions options,
            long fromLedgerId,
            Predicate<LeftOverProgress> goOn)
            throws IOException {
        connection.checkServes(options);
        if (fromLedgerId < 0) {
            throw new IllegalArgumentException("fromLedgerId must be >= 0, was " + fromLedgerId);
        }
        return new Sweeper(connection.metadata(), connection.ledgers(), options.timeout())
                .sweep(options.logName(), fromLedgerId, goOn);
    }

    /**
     * The names of all logs below the metadata path of a connection, sorted. A log that somebody is deleting is among
     * them until its node is gone.
     *
     * @throws UnusableClusterException if this client may not list them
     * @throws LogTimeoutException if the metadata store did not answer within the connection's timeout
     */
    public static List<String> list(BookKeeperConnection connection) throws IOException {
        connection.checkOpen();
        return Node.list(connection.metadata(), Deadline.after(connection.timeout())).stream()
                .filter(BookKeeperLogOptions::isLogName)
                .sorted()
                .toList();
    }

    /**
     * Deletes a log with all its records: takes it over, so that whoever has it open for writing is fenced, removes its
     * ledgers, also those that were left over, and then its node. From the moment on at which the first ledger is
     * removed the log can neither be opened nor read. If this call fails or never returns, another one goes on where it
     * was.
     *
     * <p>Call it when you know of each owner of the log what {@link #removeLeftOverLedgers(BookKeeperConnection,
     * BookKeeperLogOptions)} asks for: bookies forget a fence with its ledger, and an owner that was suspended all the
     * time may then take up to 10 minutes to find out that its log is gone.
     *
     * <p>It looks at every ledger of the cluster, 32 at a time. The timeout of the options bounds each question, not
     * the whole call.
     *
     * @return whether there was such a log
     * @throws dev.holdfast.wal.LogFencedException if somebody has opened the log for writing meanwhile, before a record
     *     was removed
     * @throws dev.holdfast.wal.CorruptLogException if the log's node is damaged, or is no log's: then nobody knows its
     *     ledgers
     * @throws UnusableClusterException if the log's ledgers are in another cluster, or a permission is missing
     * @throws LogTimeoutException if one question was not answered in time, as when too few bookies are up to fence the
     *     owner
     */
    public static boolean delete(BookKeeperConnection connection, BookKeeperLogOptions options) throws IOException {
        connection.checkServes(options);
        return new Deletion(connection.metadata(), connection.ledgers(), options.timeout())
                .delete(options.logName(), new SecureRandom());
    }

    private interface Opening {
        BookKeeperLog open() throws IOException;
    }

    private static BookKeeperLog orClose(BookKeeperConnection connection, Opening opening) throws IOException {
        boolean opened = false;
        try {
            BookKeeperLog log = opening.open();
            opened = true;
            return log;
        } finally {
            if (!opened) {
                connection.closeInBackground(); // the time for the opening may be over
            }
        }
    }

    private static BookKeeperLog open(
            BookKeeperConnection connection, BookKeeperLogOptions options, @Nullable BookKeeperConnection own)
            throws IOException {
        return open(
                connection.metadata(),
                connection.ledgers(),
                options,
                new SecureRandom(),
                System::nanoTime,
                BookKeeperLog::thread,
                own);
    }

    static BookKeeperLog open(
            Metadata metadata,
            Ledgers ledgers,
            BookKeeperLogOptions options,
            Random random,
            LongSupplier nanoClock,
            ThreadFactory threads,
            @Nullable BookKeeperConnection own)
            throws IOException {
        Deadline deadline = Deadline.after(options.timeout());
        Writer.Settings settings = options.writerSettings();
        Manifest manifest = Manifest.takeOver(metadata, ledgers, options.logName(), random, nanoClock, deadline);
        LedgerReads reads = new LedgerReads(ledgers, options.timeout());
        boolean opened = false;
        try {
            new Recovery(manifest, ledgers, reads, settings.oneTry(), deadline).run();
            IdSpan ids = manifest.state().ids();
            ViewHolder published = new ViewHolder(
                    options.logName(),
                    new View(ids.first(), ids.next(), manifest.state().segments(), new Truncation(0, 0)));
            Writer writer = new Writer(settings, manifest, ledgers, published, reads, threads);
            writer.start();
            opened = true;
            TailPoll growth = new OwnTailPoll(new Node(metadata, options.logName(), ledgers.clusterId()));
            return new BookKeeperLog(options, published, reads, growth, writer, own);
        } finally {
            if (!opened) {
                reads.close();
            }
        }
    }

    private static BookKeeperLog openReadOnly(
            BookKeeperConnection connection, BookKeeperLogOptions options, @Nullable BookKeeperConnection own)
            throws IOException {
        return openReadOnly(connection.metadata(), connection.ledgers(), options, own);
    }

    static BookKeeperLog openReadOnly(
            Metadata metadata, Ledgers ledgers, BookKeeperLogOptions options, @Nullable BookKeeperConnection own)
            throws IOException {
        Deadline deadline = Deadline.after(options.timeout());
        LedgerReads reads = new LedgerReads(ledgers, options.timeout());
        boolean opened = false;
        try {
            Node node = new Node(metadata, options.logName(), ledgers.clusterId());
            Follower follower = Follower.of(node, options.logName(), reads, deadline);
            opened = true;
            return new BookKeeperLog(options, follower.begin(), reads, follower, null, own);
        } finally {
            if (!opened) {
                reads.close();
            }
        }
    }

    /** A thread that takes nothing over from the thread that happens to make it, such as a class loader. */
    static Thread thread(Runnable task) {
        Thread thread = new Thread(null, task, "holdfast", 0, false);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * The number of this ownership: how often the log was opened for writing, with this opening. Each owner has a
     * greater one than all before it, so that a system behind the log can refuse an owner that was replaced: it
     * remembers the greatest number it has seen, and takes no request with a smaller one. A log that was deleted and
     * made again begins again at 1. Also after {@code close}, and when somebody else owns the log.
     *
     * @throws IllegalStateException if the log was opened for reading only
     */
    public long epoch() {
        if (writer == null) {
            throw new IllegalStateException(
                    name + " was opened for reading only and owns nothing; open it for writing to own it");
        }
        return writer.epoch();
    }

    @Override
    public OptionalLong firstId() {
        return published.view().first();
    }

    @Override
    public OptionalLong lastId() {
        return published.view().last();
    }

    @Override
    public long nextId() {
        return published.view().nextId();
    }

    @Override
    public LogCursor cursor(long startId) {
        IdSpan.checkReadableId(startId);
        return new LedgerCursor(published, reads, growth, startId);
    }

    @Override
    public Optional<LogRecord> read(long id) throws IOException {
        IdSpan.checkReadableId(id);
        Deadline deadline = reads.deadline();
        View view = published.view();
        if (id >= view.nextId()) {
            growth.poll(deadline);
            view = published.view();
        }
        while (view.holds(id)) {
            Segment segment = view.segmentOf(id);
            try {
                byte[] entry = reads.read(segment, id, id, deadline).get(0);
                View now = published.view();
                if (now == view || isIn(now, segment, id)) {
                    return Optional.of(LogRecord.wrap(id, Entry.data(entry)));
                }
                view = now;
            } catch (LedgerException lacking) {
                if (published.view() == view) {
                    growth.poll(deadline);
                }
                view = published.view();
                if (isIn(view, segment, id)) {
                    if (growth.isRemoved(segment, id, deadline)) {
                        return Optional.empty();
                    }
                    throw LedgerReads.lost(segment, id, id, lacking);
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isIn(View view, Segment segment, long id) {
        return view.holds(id) && view.segmentOf(id).ledgerId() == segment.ledgerId();
    }

    @Override
    public void append(List<LogRecord> records) throws IOException {
        LogRecord[] all = records.toArray(LogRecord[]::new);
        ByteBuffer[] batch = batch(all);
        if (batch.length > 0) {
            writer().append(batch, OptionalLong.of(all[0].id()));
        }
    }

    @Override
    public long appendAll(List<ByteBuffer> data) throws IOException {
        ByteBuffer[] batch = batch(data);
        return batch.length == 0 ? nextId() : writer().append(batch, OptionalLong.empty());
    }

    @Override
    public CompletableFuture<Void> appendAsync(List<LogRecord> records) {
        LogRecord[] all = records.toArray(LogRecord[]::new);
        ByteBuffer[] batch = batch(all);
        if (batch.length == 0) {
            return CompletableFuture.completedFuture(null);
        }
        return writer().<@Nullable Void>appendAsync(batch, OptionalLong.of(all[0].id()), id -> null);
    }

    @Override
    public CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data) {
        ByteBuffer[] batch = batch(data);
        return batch.length == 0
                ? CompletableFuture.completedFuture(nextId())
                : writer().appendAsync(batch, OptionalLong.empty(), id -> id);
    }

    @Override
    public void append(List<LogRecord> records, CommitHook hook) {
        throw new UnsupportedOperationException("commit hooks");
    }

    @Override
    public long appendAll(List<ByteBuffer> data, CommitHook hook) {
        throw new UnsupportedOperationException("commit hooks");
    }

    @Override
    public CompletableFuture<Void> appendAsync(List<LogRecord> records, CommitHook hook) {
        throw new UnsupportedOperationException("commit hooks");
    }

    @Override
    public CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data, CommitHook hook) {
        throw new UnsupportedOperationException("commit hooks");
    }

    /** The writer of a log that is open for writing. */
    private Writer writer() {
        published.checkOpen();
        Writer owner = writer;
        if (owner == null) {
            throw new IllegalStateException(name + " was opened for reading only; open it for writing to change it");
        }
        if (owner.isClosing()) {
            throw new IllegalStateException("the log is closed: " + name);
        }
        return owner;
    }

    /** The data of records whose ids follow each other. */
    private ByteBuffer[] batch(LogRecord[] records) {
        writer();
        ByteBuffer[] batch = new ByteBuffer[records.length];
        long bytes = 0;
        for (int i = 0; i < batch.length; i++) {
            if (i > 0) {
                IdSpan.checkFollows(records[i - 1].id(), records[i].id());
            }
            batch[i] = records[i].data();
            bytes += checkSize(batch[i].remaining());
        }
        checkBatch(bytes);
        return batch;
    }

    private ByteBuffer[] batch(List<ByteBuffer> data) {
        writer();
        ByteBuffer[] batch = data.toArray(ByteBuffer[]::new);
        long bytes = 0;
        for (int i = 0; i < batch.length; i++) {
            // A view that its owner cannot move between this check and the copy.
            batch[i] = batch[i].duplicate();
            bytes += checkSize(batch[i].remaining());
        }
        checkBatch(bytes);
        return batch;
    }

    /** Bytes that a record takes of a batch. */
    private long checkSize(int dataBytes) {
        if (dataBytes > maxRecordBytes) {
            throw new RecordTooLargeException("a record must have at most " + maxRecordBytes
                    + " bytes of data, this one has " + dataBytes + "; nothing of its batch was written");
        }
        return (long) Long.BYTES + dataBytes;
    }

    private static void checkBatch(long bytes) {
        if (bytes > Log.MAX_BATCH_BYTES) {
            throw new IllegalArgumentException("a batch must have at most " + Log.MAX_BATCH_BYTES
                    + " bytes, 8 a record beside its data, this one has " + bytes + "; nothing of it was written");
        }
    }

    @Override
    public void truncate(long lastToKeep) throws IOException {
        writer().truncate(lastToKeep);
    }

    @Override
    public void trim(long discardUpTo) throws IOException {
        writer().trim(discardUpTo);
    }

    @Override
    public void reset(long nextId) throws IOException {
        writer().reset(nextId);
    }

    @Override
    public void sync() throws IOException {
        writer().sync();
    }

    @Override
    public LogStats stats() {
        View view = published.lastView();
        Writer.Figures figures = writer == null ? new Writer.Figures(0, 0, 0, null) : writer.figures();
        return LogStats.builder(view.first(), view.last(), view.nextId(), state(figures))
                .bytes(view.bytes())
                .segments(view.segments().size())
                .appendedRecords(figures.records())
                .appendedBytes(figures.bytes())
                .groups(figures.appends())
                .cause(figures.failure())
                .build();
    }

    private LogStats.State state(Writer.Figures figures) {
        if (published.isClosed() || (writer != null && writer.isClosing())) {
            return LogStats.State.CLOSED;
        }
        if (writer == null) {
            return LogStats.State.READ_ONLY;
        }
        return figures.failure() == null ? LogStats.State.OPEN : LogStats.State.FAILED;
    }

    /**
     * Waits for appends in flight, seals the last ledger, and disconnects if the log made its connection. That nothing
     * could be sealed is not told: no record depends on it, and whoever opens the log next recovers it.
     *
     * @throws IOException if the connection could not be closed in time
     */
    @Override
    public void close() throws IOException {
        try {
            if (writer != null) {
                writer.close();
            }
        } finally {
            published.close();
            reads.close();
            if (ownConnection != null) {
                ownConnection.close();
            }
        }
    }
}
