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
 * What the bytes of a tail prove, worked out here once more and more simply than recovery does: the groups in it, and
 * the marker in its slot. Damage to a group may go unnoticed only if it also took the header of everything later that
 * says the group had been synced.
 */
final class Evidence {
    private final byte[] tail;
    private final List<Group> groups = new ArrayList<>();

    /** A group: where it and its body stand, and what its header says. */
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
            throw new AssertionError("the tail has no header");
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
        groups.add(new Group(at, (int) header.next(at), header.firstId(), header.durableId(), header.kind()));
    }

    /** The first record that this change of the tail may cost silently; {@link Long#MAX_VALUE} if it must cost none. */
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
