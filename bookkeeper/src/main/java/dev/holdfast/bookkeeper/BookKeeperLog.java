package dev.holdfast.bookkeeper;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.ids.Batch;
import dev.holdfast.wal.ids.IdSpan;
import dev.holdfast.wal.threads.HookThread;
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
 * A log on Apache BookKeeper. An append returns when an ack quorum of bookies has its records on stable storage. The
 * records then survive the end of the process, the loss of its machine, and the loss of all but one of these bookies.
 *
 * <p><b>Owner.</b> A process that opens a log for writing becomes its owner. The previous owner is fenced: its calls
 * that would change the log throw {@link dev.holdfast.wal.LogFencedException}, and none of its appends is acknowledged
 * any more. The application must decide which process should be the owner, because nothing prevents two processes from
 * taking a log from each other in turn. Any number of processes can read a log.
 *
 * <p><b>Failures.</b> If a bookie fails, the log continues in another segment, and the caller only notices that the
 * call takes longer. If this does not succeed in time, or if the metadata store does not answer, the log fails and the
 * call throws {@link dev.holdfast.wal.LogFailedException}. Opening the log again decides whether the records of failed
 * calls are in the log. If there are too few bookies for a new segment, an append throws
 * {@link TooFewBookiesException}: nothing was written and the log stays usable. A read that the cluster does not answer
 * in time throws {@link LogTimeoutException}. A request that the cluster will always refuse throws
 * {@link UnusableClusterException}.
 *
 * <p><b>Time.</b> Every call that needs the cluster ends within twice the timeout of the options, plus the time during
 * which {@linkplain CommitHook commit hooks} run. A thread of the log runs the hooks. While a hook runs, the log still
 * writes and publishes records, but later calls do not return. A slow hook therefore delays later calls; it does not
 * make them time out, and it does not fail the log.
 *
 * <p><b>Differences.</b> {@code sync} only waits until earlier appends are acknowledged, because acknowledged appends
 * are durable. {@link LogStats#segments} is the number of ledgers. {@link LogStats#bytes} counts the bytes of the
 * sealed ledgers, without replicas. {@link LogStats#syncs} is 0, because bookies do the syncs.
 */
public final class BookKeeperLog implements Log {
    private final String name;
    private final int maxRecordBytes;
    private final ViewHolder published;
    private final LedgerReads reads;
    private final TailPoll growth;
    private final RandomReads randomReads;
    private final HookThread hookThread;
    private final @Nullable Writer writer;
    private final @Nullable BookKeeperConnection ownConnection;

    private BookKeeperLog(
            BookKeeperLogOptions options,
            ViewHolder published,
            LedgerReads reads,
            TailPoll growth,
            HookThread hookThread,
            @Nullable Writer writer,
            @Nullable BookKeeperConnection ownConnection) {
        this.name = options.logName();
        this.maxRecordBytes = options.maxRecordBytes();
        this.published = published;
        this.reads = reads;
        this.growth = growth;
        this.randomReads = new RandomReads(published, reads, growth);
        this.hookThread = hookThread;
        this.writer = writer;
        this.ownConnection = ownConnection;
    }

    /**
     * Opens a log for writing as {@link #open(BookKeeperConnection, BookKeeperLogOptions)} does, over a new connection.
     * Closing the log closes the connection.
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
     * Opens a log for writing. Creates the log if it does not exist. Takes the log over from its owner, if it has one,
     * and recovers the log if it was not closed. Closing the log leaves the connection open.
     *
     * @throws dev.holdfast.wal.CorruptLogException if the log's state or acknowledged records are damaged
     * @throws dev.holdfast.wal.LogFencedException if somebody else took the log over during this call
     * @throws dev.holdfast.wal.UnsupportedFormatException if a newer version of this library wrote the log
     * @throws java.nio.file.NoSuchFileException if a deletion of the log was begun and not finished; {@link #delete}
     *     finishes it
     * @throws UnusableClusterException if the log's ledgers are in another cluster, or a permission is missing; nothing
     *     was changed
     * @throws LogTimeoutException if the cluster did not answer in time; nothing is lost
     */
    public static BookKeeperLog open(BookKeeperConnection connection, BookKeeperLogOptions options) throws IOException {
        connection.checkServes(options);
        return open(connection, options, null);
    }

    /**
     * Opens a log for reading. The log may have an owner, which is not disturbed: a read-only log changes nothing. It
     * contains the acknowledged records, and its cursors follow the owner with a delay of a fraction of a second. A
     * read-only log polls the cluster when it is opened and when a reader reaches the end; its ids are those of the
     * last poll. Every call that would change the log throws {@link IllegalStateException}.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such log, or it is being deleted
     * @throws dev.holdfast.wal.CorruptLogException if the log's state or its last acknowledged records are damaged
     * @throws UnusableClusterException if the log's ledgers are in another cluster, or a permission is missing
     * @throws LogTimeoutException if the cluster did not answer in time
     */
    public static BookKeeperLog openReadOnly(BookKeeperLogOptions options) throws IOException {
        BookKeeperConnection connection = BookKeeperConnection.open(options);
        return orClose(connection, () -> openReadOnly(connection, options, connection));
    }

    /** Opens a log for reading as {@link #openReadOnly(BookKeeperLogOptions)} does, over a shared connection. */
    public static BookKeeperLog openReadOnly(BookKeeperConnection connection, BookKeeperLogOptions options)
            throws IOException {
        connection.checkServes(options);
        return openReadOnly(connection, options, null);
    }

    /**
     * Removes ledgers that earlier owners of a log created and that are not part of the log. Such ledgers remain in
     * three cases:
     *
     * <ul>
     *   <li>An owner died after it created a ledger and before it added the ledger to the log.
     *   <li>An owner died after a trim and before the trimmed ledgers were deleted.
     *   <li>A ledger was open when somebody else took the log over. It remains even after its records are removed,
     *       because its fence stops the replaced owner.
     * </ul>
     *
     * <p>Call this method only if every earlier owner has closed the log, or its process has ended, or it was replaced
     * more than an hour ago on a machine that has not been suspended since. The current owner is not disturbed.
     *
     * <p>The call examines every ledger of the cluster: it reads one node of the metadata store per ledger, 32 at a
     * time. The timeout of the options bounds each request, not the whole call. For a call that can be stopped, see
     * {@link #removeLeftOverLedgers(BookKeeperConnection, BookKeeperLogOptions, long, Predicate)}.
     *
     * @return the number of removed ledgers
     * @throws java.nio.file.NoSuchFileException if there is no such log
     * @throws LogTimeoutException if a request was not answered in time; some ledgers may be removed, and another call
     *     removes the rest
     */
    public static long removeLeftOverLedgers(BookKeeperConnection connection, BookKeeperLogOptions options)
            throws IOException {
        return removeLeftOverLedgers(connection, options, 0, progress -> true).removed();
    }

    /**
     * Removes ledgers as {@link #removeLeftOverLedgers(BookKeeperConnection, BookKeeperLogOptions)} does, in steps of
     * about a thousand ledgers. To continue a call that was stopped or failed, pass
     * {@link LeftOverProgress#nextLedgerId} of its last step to another call.
     *
     * @param fromLedgerId the smallest ledger id to examine, at least 0
     * @param goOn called on the caller's thread after each step; the call ends if it returns false
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
     * Returns the names of all logs below the metadata path of a connection, sorted. A log that is being deleted is
     * listed until its node is removed.
     *
     * @throws UnusableClusterException if this client has no permission to list the logs
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
     * Deletes a log with all its records. The call takes the log over, which fences its owner. Then it removes the
     * log's ledgers, including left-over ledgers, and finally the log's node. From the removal of the first ledger on,
     * the log can neither be opened nor read. If this call fails or never returns, another call continues the deletion.
     *
     * <p>Call this method only if the conditions of {@link #removeLeftOverLedgers(BookKeeperConnection,
     * BookKeeperLogOptions)} hold for every owner of the log, including the current one. When a ledger is deleted,
     * bookies forget its fence, which has stopped replaced owners. If an owner's process was suspended during the
     * deletion, the owner may then need up to 10 minutes to notice that its log was deleted.
     *
     * <p>The call examines every ledger of the cluster, 32 at a time. The timeout of the options bounds each request,
     * not the whole call.
     *
     * @return whether there was such a log
     * @throws dev.holdfast.wal.LogFencedException if somebody else opened the log for writing during this call; no
     *     record was removed
     * @throws dev.holdfast.wal.CorruptLogException if the log's node is damaged or does not belong to a log, so its
     *     ledgers are unknown
     * @throws UnusableClusterException if the log's ledgers are in another cluster, or a permission is missing
     * @throws LogTimeoutException if a request was not answered in time, for example because too few bookies are
     *     running to fence the owner
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
                connection.closeInBackground(); // the deadline of the opening may have expired
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
            HookThread hookThread = new HookThread();
            Writer writer = new Writer(settings, manifest, ledgers, published, reads, hookThread, threads);
            writer.start();
            opened = true;
            TailPoll growth = new OwnTailPoll(new Node(metadata, options.logName(), ledgers.clusterId()));
            return new BookKeeperLog(options, published, reads, growth, hookThread, writer, own);
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
            return new BookKeeperLog(options, follower.begin(), reads, follower, new HookThread(), null, own);
        } finally {
            if (!opened) {
                reads.close();
            }
        }
    }

    /** Creates a daemon thread that inherits no thread-local values from the thread that creates it. */
    static Thread thread(Runnable task) {
        Thread thread = new Thread(null, task, "holdfast", 0, false);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Returns the epoch of this owner: the number of times that the log was opened for writing, including this opening.
     * Every owner has a greater epoch than all previous owners. Another system that receives requests from owners can
     * use epochs to refuse a replaced owner: the system remembers the greatest epoch that it has seen, and refuses
     * requests with a smaller epoch. After a log is deleted and created again, its epochs begin at 1 again. The epoch
     * is also available after {@code close} and after somebody else has taken the log over.
     *
     * @throws IllegalStateException if the log was opened for reading only
     */
    public long epoch() {
        if (writer == null) {
            throw new IllegalStateException(
                    name + " was opened for reading only, so it has no epoch; open it for writing");
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
        return new LedgerCursor(published, reads, growth, hookThread, startId);
    }

    @Override
    public Optional<LogRecord> read(long id) throws IOException {
        IdSpan.checkReadableId(id);
        return randomReads.read(id);
    }

    @Override
    public void append(List<LogRecord> records, CommitHook hook) throws IOException {
        Writer owner = writer();
        Batch batch = Batch.of(records, maxRecordBytes);
        if (!batch.isEmpty()) {
            owner.append(batch, hook);
        }
    }

    @Override
    public long appendAll(List<ByteBuffer> data, CommitHook hook) throws IOException {
        Writer owner = writer();
        Batch batch = Batch.withoutIds(data, maxRecordBytes);
        return batch.isEmpty() ? nextId() : owner.append(batch, hook);
    }

    @Override
    public CompletableFuture<Void> appendAsync(List<LogRecord> records, CommitHook hook) {
        Writer owner = writer();
        Batch batch = Batch.of(records, maxRecordBytes);
        return batch.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : owner.<@Nullable Void>appendAsync(batch, id -> null, hook);
    }

    @Override
    public CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data, CommitHook hook) {
        Writer owner = writer();
        Batch batch = Batch.withoutIds(data, maxRecordBytes);
        return batch.isEmpty() ? CompletableFuture.completedFuture(nextId()) : owner.appendAsync(batch, id -> id, hook);
    }

    /**
     * Returns the writer.
     *
     * @throws IllegalStateException if the log is closed or was opened for reading only, or if a commit hook makes the
     *     call
     */
    private Writer writer() {
        hookThread.refuseHook();
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
     * Waits for appends in flight, seals the last ledger, and closes the connection if the log created it. If the
     * ledger cannot be sealed, no exception is thrown, because no record depends on the seal, and the next opening
     * recovers the log.
     *
     * @throws IOException if the connection could not be closed in time
     */
    @Override
    public void close() throws IOException {
        hookThread.refuseHook();
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
