package dev.holdfast.bookkeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.bookkeeper.LedgerException.Kind;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.apache.bookkeeper.client.BookKeeper;
import org.apache.bookkeeper.client.ClientContext;
import org.apache.bookkeeper.client.api.BKException;
import org.apache.bookkeeper.client.api.DigestType;
import org.apache.bookkeeper.client.api.LedgerEntries;
import org.apache.bookkeeper.client.api.LedgerEntry;
import org.apache.bookkeeper.client.api.LedgerMetadata;
import org.apache.bookkeeper.client.api.LedgersIterator;
import org.apache.bookkeeper.client.api.ListLedgersResult;
import org.apache.bookkeeper.client.api.OpenBuilder;
import org.apache.bookkeeper.client.api.ReadHandle;
import org.apache.bookkeeper.client.api.WriteHandle;
import org.apache.bookkeeper.net.BookieId;
import org.jspecify.annotations.Nullable;

/** Stores ledgers in a BookKeeper cluster. */
final class BookKeeperLedgers implements Ledgers {
    private static final String APPLICATION = "application";
    private static final byte[] HOLDFAST = "holdfast".getBytes(UTF_8);
    private static final String LOG = "holdfast.log";
    private static final String EPOCH = "holdfast.epoch";

    /**
     * The password of all ledgers. It protects against opening the ledger of another application by mistake. It does
     * not protect against an attacker, because BookKeeper sends it unencrypted.
     */
    private static final byte[] PASSWORD = HOLDFAST;

    private final BookKeeper client;
    private final Executor background;
    private final String clusterId;
    private final Rights rights;
    private final InFlight inFlight;

    /**
     * Creates an instance that uses BookKeeper's client.
     *
     * @param background executor for calls that block
     * @param maxBytesInFlight limit on the bytes of all ledgers that were sent and are not yet acknowledged
     */
    BookKeeperLedgers(BookKeeper client, Executor background, String clusterId, Rights rights, long maxBytesInFlight) {
        this.inFlight = new InFlight(maxBytesInFlight);
        this.client = client;
        this.background = background;
        this.clusterId = clusterId;
        this.rights = rights;
    }

    @Override
    public String clusterId() {
        return clusterId;
    }

    @Override
    public CompletableFuture<WritableLedger> create(Replication replication, Label label) {
        CompletableFuture<WritableLedger> created = new CompletableFuture<>();
        var unused = client.newCreateLedgerOp()
                .withEnsembleSize(replication.ensemble())
                .withWriteQuorumSize(replication.writeQuorum())
                .withAckQuorumSize(replication.ackQuorum())
                .withDigestType(DigestType.CRC32C)
                .withPassword(PASSWORD)
                .withCustomMetadata(Map.of(
                        APPLICATION,
                        HOLDFAST,
                        LOG,
                        label.logId().getBytes(UTF_8),
                        EPOCH,
                        ByteBuffer.allocate(Long.BYTES).putLong(label.epoch()).array()))
                .execute()
                .whenComplete((handle, e) -> {
                    if (e == null) {
                        created.complete(new Written(handle, inFlight, client.getClientCtx()));
                    } else {
                        var unusedExplanation = rights.explain(ours(e)).thenAccept(created::completeExceptionally);
                    }
                });
        return created;
    }

    @Override
    public CompletableFuture<ReadableLedger> recover(long ledgerId) {
        return open(ledgerId, client.newOpenLedgerOp().withRecovery(true));
    }

    @Override
    public CompletableFuture<ReadableLedger> open(long ledgerId) {
        return open(ledgerId, client.newOpenLedgerOp().withRecovery(false));
    }

    private static CompletableFuture<ReadableLedger> open(long ledgerId, OpenBuilder opening) {
        return failingAsOurs(opening.withLedgerId(ledgerId)
                        .withDigestType(DigestType.CRC32C)
                        .withPassword(PASSWORD)
                        .execute())
                .thenApply(Read::new);
    }

    @Override
    public CompletableFuture<@Nullable Void> delete(long ledgerId) {
        CompletableFuture<@Nullable Void> deleted = new CompletableFuture<>();
        var unused = failingAsOurs(
                        client.newDeleteLedgerOp().withLedgerId(ledgerId).execute())
                .whenComplete((ignored, e) -> {
                    if (e == null || (e instanceof LedgerException ours && ours.kind() == Kind.GONE)) {
                        deleted.complete(null);
                    } else {
                        deleted.completeExceptionally(e);
                    }
                });
        return deleted;
    }

    @Override
    public Listing list() {
        return new ClientListing();
    }

    /** Lists ledgers on a background thread, because the client's iterator blocks. */
    private final class ClientListing implements Listing {
        private static final int AT_ONCE = 1000;

        private @Nullable ListLedgersResult result;
        private @Nullable LedgersIterator iterator;
        private boolean closed;

        @Override
        public CompletableFuture<List<Long>> next() {
            CompletableFuture<List<Long>> found = new CompletableFuture<>();
            background.execute(() -> {
                try {
                    found.complete(nextNow());
                } catch (ExecutionException e) {
                    found.completeExceptionally(ours(e.getCause() == null ? e : e.getCause()));
                } catch (Throwable e) {
                    found.completeExceptionally(ours(e));
                }
            });
            return found;
        }

        private synchronized List<Long> nextNow() throws Exception {
            List<Long> found = new ArrayList<>();
            if (closed) {
                return found;
            }
            LedgersIterator ids = iterator;
            if (ids == null) {
                ListLedgersResult begun = client.newListLedgersOp().execute().get();
                result = begun;
                ids = begun.iterator();
                iterator = ids;
            }
            while (found.size() < AT_ONCE && ids.hasNext()) {
                found.add(ids.next());
            }
            return found;
        }

        @Override
        public void close() {
            background.execute(this::closeNow);
        }

        private synchronized void closeNow() {
            closed = true;
            ListLedgersResult begun = result;
            if (begun != null) {
                try {
                    begun.close();
                } catch (Exception e) {
                    throw new AssertionError("closing a listing cannot fail", e);
                }
            }
        }
    }

    @Override
    public CompletableFuture<Optional<Label>> label(long ledgerId) {
        CompletableFuture<Optional<Label>> label = new CompletableFuture<>();
        var unused = failingAsOurs(client.getLedgerMetadata(ledgerId)).whenComplete((metadata, e) -> {
            if (e == null) {
                label.complete(labelIn(metadata));
            } else if (e instanceof LedgerException ours && ours.kind() == Kind.GONE) {
                label.complete(Optional.empty());
            } else {
                label.completeExceptionally(e);
            }
        });
        return label;
    }

    private static Optional<Label> labelIn(LedgerMetadata metadata) {
        byte[] logName = metadata.getCustomMetadata().get(LOG);
        byte[] epoch = metadata.getCustomMetadata().get(EPOCH);
        if (logName == null || epoch == null || epoch.length != Long.BYTES) {
            return Optional.empty();
        }
        return Optional.of(
                new Label(new String(logName, UTF_8), ByteBuffer.wrap(epoch).getLong()));
    }

    private static <T> CompletableFuture<T> failingAsOurs(CompletableFuture<T> theirs) {
        CompletableFuture<T> ours = new CompletableFuture<>();
        var unused = theirs.whenComplete((value, e) -> {
            if (e == null) {
                ours.complete(value);
            } else {
                ours.completeExceptionally(ours(e));
            }
        });
        return ours;
    }

    /**
     * Converts a failure of BookKeeper's client into an exception of this library. A ledger with another password
     * becomes an {@link UnusableClusterException}, and any other failure a {@link LedgerException}. The client does not
     * distinguish a missing ZooKeeper permission from a lost connection, so this method treats a missing permission as
     * temporary.
     */
    private static IOException ours(Throwable theirs) {
        return causeOf(theirs) instanceof BKException answer
                        && answer.getCode() == BKException.Code.UnauthorizedAccessException
                ? new UnusableClusterException(
                        "this client may not open a ledger that is listed in the state of the log: "
                                + BKException.getMessage(answer.getCode())
                                + ". The ledger belongs to another application, so either the state lists a wrong ledger, or"
                                + " the URI names a wrong cluster. Nothing was changed.",
                        answer)
                : ledgerException(theirs);
    }

    private static Throwable causeOf(Throwable theirs) {
        return theirs instanceof CompletionException && theirs.getCause() != null ? theirs.getCause() : theirs;
    }

    private static LedgerException ledgerException(Throwable theirs) {
        Throwable cause = causeOf(theirs);
        if (!(cause instanceof BKException failure)) {
            return new LedgerException(Kind.UNAVAILABLE, String.valueOf(cause), cause);
        }
        return new LedgerException(kind(failure.getCode()), BKException.getMessage(failure.getCode()), failure);
    }

    private static Kind kind(int code) {
        return switch (code) {
            case BKException.Code.LedgerFencedException -> Kind.FENCED;
            case BKException.Code.NotEnoughBookiesException -> Kind.TOO_FEW_BOOKIES;
            case BKException.Code.NoSuchLedgerExistsOnMetadataServerException -> Kind.GONE;
            case BKException.Code.DigestMatchException, BKException.Code.NoSuchEntryException -> Kind.DAMAGED;
            default -> Kind.UNAVAILABLE;
        };
    }

    /** A ledger that is open for reading. */
    private static final class Read implements ReadableLedger {
        private final ReadHandle handle;

        Read(ReadHandle handle) {
            this.handle = handle;
        }

        @Override
        public long ledgerId() {
            return handle.getId();
        }

        @Override
        public CompletableFuture<List<byte[]>> read(long firstEntry, long lastEntry) {
            return readFrom(handle, firstEntry, lastEntry);
        }

        @Override
        public CompletableFuture<Long> confirmedEntries() {
            return failingAsOurs(handle.readLastAddConfirmedAsync()).thenApply(last -> last + 1);
        }

        @Override
        public long bytes() {
            return handle.getLength();
        }

        @Override
        public void close() {
            var unused = handle.closeAsync();
        }
    }

    private static CompletableFuture<List<byte[]>> readFrom(ReadHandle handle, long firstEntry, long lastEntry) {
        // Unconfirmed reads are safe: the caller knows that the entries are acknowledged, even if this handle does
        // not know it yet.
        return failingAsOurs(handle.readUnconfirmedAsync(firstEntry, lastEntry)).thenApply(BookKeeperLedgers::bytesOf);
    }

    private static List<byte[]> bytesOf(LedgerEntries entries) {
        try (entries) {
            List<byte[]> all = new ArrayList<>();
            for (LedgerEntry entry : entries) {
                all.add(entry.getEntryBytes());
            }
            return all;
        }
    }

    /** Counts the bytes that all ledgers of a client have sent and that no ack quorum has acknowledged yet. */
    static final class InFlight {
        private final long limit;
        private final AtomicLong bytes = new AtomicLong();

        InFlight(long limit) {
            this.limit = limit;
        }

        boolean hasRoom() {
            return bytes.get() < limit;
        }
    }

    /** A ledger that is open for writing. */
    static final class Written implements WritableLedger {
        /** Memory that an entry in flight needs in addition to its own bytes: its request, and Netty's accounting. */
        private static final int OVERHEAD_BYTES = 256;

        private final WriteHandle handle;
        private final InFlight inFlight;
        private final ClientContext context;

        // Guarded by this. Bytes that this ledger has in flight. Counting ends when the ledger is ended, because
        // its outstanding entries may never be answered.
        private long sent;
        private boolean ended;

        Written(WriteHandle handle, InFlight inFlight, ClientContext context) {
            this.handle = handle;
            this.inFlight = inFlight;
            this.context = context;
        }

        @Override
        public void append(byte[] entry, BiConsumer<Long, @Nullable LedgerException> callback) {
            long bytes = (long) entry.length + OVERHEAD_BYTES;
            count(bytes);
            boolean begun = false;
            try {
                var unused = handle.appendAsync(Unpooled.wrappedBuffer(entry)).whenComplete((id, e) -> {
                    count(-bytes);
                    if (e == null) {
                        callback.accept(id, null);
                    } else {
                        callback.accept(-1L, ledgerException(e));
                    }
                });
                begun = true;
            } finally {
                if (!begun) {
                    count(-bytes);
                }
            }
        }

        private synchronized void count(long bytes) {
            if (!ended) {
                sent += bytes;
                inFlight.bytes.addAndGet(bytes);
            }
        }

        private synchronized void end() {
            count(-sent);
            ended = true;
        }

        @Override
        public boolean hasRoom() {
            return inFlight.hasRoom();
        }

        @Override
        public boolean hasSlowBookie() {
            boolean slow = false;
            List<BookieId> bookies =
                    handle.getLedgerMetadata().getAllEnsembles().lastEntry().getValue();
            for (BookieId bookie : bookies) {
                if (!context.getBookieClient().isWritable(bookie, ledgerId())) {
                    slow = true;
                    context.getBookieWatcher().quarantineBookie(bookie);
                }
            }
            return slow;
        }

        @Override
        public CompletableFuture<Long> seal() {
            end();
            return failingAsOurs(handle.closeAsync()).thenCompose(ignored -> {
                LedgerMetadata metadata = handle.getLedgerMetadata();
                if (!metadata.isClosed()) {
                    String why = "the handle of ledger " + handle.getId() + " is closed, but the ledger is not sealed";
                    return CompletableFuture.failedFuture(new LedgerException(Kind.UNAVAILABLE, why, null));
                }
                return CompletableFuture.completedFuture(metadata.getLastEntryId() + 1);
            });
        }

        @Override
        public long ledgerId() {
            return handle.getId();
        }

        @Override
        public CompletableFuture<List<byte[]>> read(long firstEntry, long lastEntry) {
            return readFrom(handle, firstEntry, lastEntry);
        }

        @Override
        public CompletableFuture<Long> confirmedEntries() {
            return CompletableFuture.completedFuture(handle.getLastAddConfirmed() + 1);
        }

        @Override
        public long bytes() {
            return handle.getLength();
        }

        @Override
        public void close() {
            // The writer ends this handle by sealing the ledger.
        }
    }
}
