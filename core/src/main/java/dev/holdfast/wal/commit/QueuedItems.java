package dev.holdfast.wal.commit;

import dev.holdfast.wal.catalog.Catalog;
import dev.holdfast.wal.catalog.CatalogHolder;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.ids.IdSpan;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The items that wait for the leader, and the ids that the log will hold when all of them are done.
 *
 * <p>Methods are called under the queue's lock unless their comment says otherwise.
 */
final class QueuedItems {
    /** The lock of the queue. It is never held during I/O. */
    final ReentrantLock lock = new ReentrantLock();

    private final Pool<Group> groups = new Pool<>(4, Group::new);
    private final IdSpan ids = new IdSpan();
    private final CatalogHolder published;
    private final long maxGroupBytes;
    private @Nullable QueueItem first;
    private @Nullable QueueItem last;
    private @Nullable Group open; // seam: open-group

    /** Creates an empty queue behind a published log, whose groups fit into a segment of this length. */
    QueuedItems(CatalogHolder published, long segmentBytes) {
        this.published = published;
        this.maxGroupBytes = Math.min(Layout.MAX_GROUP_BYTES, Layout.recordsEnd(segmentBytes) - Layout.HEADER_BYTES);
        restoreIds();
    }

    @Nullable
    QueueItem head() {
        return first;
    }

    /** Returns the id of the first record of a batch: the given id, which must be the next one, or the next id. */
    long idFor(OptionalLong firstId, int count) {
        return ids.checkAppend(firstId, count);
    }

    /**
     * Returns the last group of the queue if a batch may join it, otherwise a new group that is not queued yet. The
     * group has room for the batch, so nothing can fail after the batch is copied.
     */
    Group groupFor(long firstId, long frameBytes) {
        Group group = open;
        if (group == null
                || group.records.lastId() + 1 != firstId
                || group.records.length() + frameBytes > maxGroupBytes) {
            group = groups.take().begin(firstId);
        }
        return group.reserve(frameBytes);
    }

    /** Queues the records just added to a group. Allocates nothing. */
    void added(Group group, long firstId, int count) {
        ids.append(firstId, count);
        if (group != open) {
            addLast(group);
            open = group;
        }
    }

    /** Queues an operation. Throws {@link IllegalArgumentException} if its effect is impossible. */
    void add(Operation operation) {
        operation.effect.accept(ids); // changes nothing if it throws
        addLast(operation);
        open = null;
    }

    private void addLast(QueueItem item) {
        if (last == null) {
            first = item;
        } else {
            last.next = item;
        }
        last = item;
    }

    /** Removes and returns the first item, or null if no item is left. */
    @Nullable
    QueueItem take() {
        QueueItem taken = first;
        if (taken != null) {
            first = taken.next;
            taken.next = null;
            last = first == null ? null : last;
        }
        if (taken == open) { // seam: group-closed
            open = null;
        }
        return taken;
    }

    /**
     * Refuses the appends behind a refused item, because their ids follow the refused ids. Allocates nothing. Called
     * without the lock.
     */
    void refuseAppends(IOException refusal) {
        lock.lock();
        try {
            open = null;
            restoreIds(); // seam: refused-ids
            for (QueueItem item = first; item != null; item = item.next) {
                if (item instanceof Operation operation) {
                    operation.effect.accept(ids);
                } else {
                    item.refusal = refusal;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sets the ids at the end of the queue to those of the published log. */
    private void restoreIds() {
        Catalog catalog = published.catalog();
        ids.set(catalog.isEmpty() ? catalog.nextId() : catalog.firstId(), catalog.nextId());
        if (catalog.isPinned()) ids.pin();
    }

    /** Keeps a finished group for reuse. Called without the lock. */
    void reuse(QueueItem finished) {
        if (finished instanceof Group group) {
            groups.give(group);
        }
    }
}
