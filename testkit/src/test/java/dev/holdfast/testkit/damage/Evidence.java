package dev.holdfast.testkit.damage;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Computes which records the bytes of a tail prove durable, independently of recovery and in a simpler way: from the
 * groups and from the marker in its slot.
 *
 * <p>Damage to a group may stay unnoticed only if it also destroyed the header of every later group that declares the
 * damaged group durable.
 */
final class Evidence {
    private final byte[] tail;
    private final List<Group> groups = new ArrayList<>();

    /** A group: the offsets of its header and its end, and the fields of its header. */
    private record Group(int from, int end, long firstId, long durableId, GroupKind kind) {
        int headerEnd() {
            return from + Layout.GROUP_HEADER_BYTES;
        }
    }

    Evidence(byte[] tail) {
        this.tail = tail;
        Checksum checksum = new Checksum();
        if (!(SegmentHeader.parse(Arrays.copyOf(tail, Layout.HEADER_BYTES), checksum)
                instanceof SegmentHeader.Parsed.Valid valid)) {
            throw new AssertionError("the tail has no valid header");
        }
        ByteBuffer bytes = ByteBuffer.allocateDirect(tail.length).put(tail).order(ByteOrder.LITTLE_ENDIAN);
        GroupHeader header = new GroupHeader();
        long salt = valid.header().salt();
        int slot = (int) Layout.slotOffset(tail.length);
        for (int at = Layout.HEADER_BYTES;
                at < slot;
                at = groups.get(groups.size() - 1).end()) {
            bytes.clear();
            if (!header.read(bytes, at, checksum, salt, at)) {
                break;
            }
            add(header, at);
        }
        bytes.clear();
        if (header.read(bytes, slot, checksum, salt, slot)) {
            add(header, slot);
        }
    }

    private void add(GroupHeader header, int at) {
        int next = (int) Layout.aligned(at + Layout.GROUP_HEADER_BYTES + header.bodyBytes());
        groups.add(new Group(at, next, header.firstId(), header.durableId(), header.kind()));
    }

    /**
     * Returns the first record that this change of the tail may silently lose; {@link Long#MAX_VALUE} if it may lose
     * none.
     */
    long mayLoseFrom(byte[] after) {
        for (int i = 0; i < groups.size(); i++) {
            Group group = groups.get(i);
            if (group.kind() != GroupKind.PADDING && changed(after, group.from(), group.end())) {
                return isProven(group.firstId(), i + 1, after) ? Long.MAX_VALUE : group.firstId();
            }
        }
        return Long.MAX_VALUE;
    }

    private boolean isProven(long id, int from, byte[] after) {
        return groups.subList(from, groups.size()).stream()
                .anyMatch(group -> group.durableId() >= id && !changed(after, group.from(), group.headerEnd()));
    }

    private boolean changed(byte[] after, int from, int end) {
        return end > after.length || !Arrays.equals(tail, from, end, after, from, end);
    }
}
