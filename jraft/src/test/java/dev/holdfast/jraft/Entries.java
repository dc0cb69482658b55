package dev.holdfast.jraft;

import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.PeerId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Creates entries for tests. */
final class Entries {
    private Entries() {}

    static LogEntry data(long index, long term, int bytes) {
        byte[] data = new byte[bytes];
        new SplittableRandom(index * 31 + term).nextBytes(data);
        LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_DATA);
        entry.setId(new LogId(index, term));
        entry.setData(ByteBuffer.wrap(data));
        return entry;
    }

    static LogEntry data(long index, long term) {
        return data(index, term, (int) (index % 40 + 1));
    }

    static LogEntry noOp(long index, long term) {
        LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_NO_OP);
        entry.setId(new LogId(index, term));
        return entry;
    }

    static LogEntry configuration(long index, long term, int... ports) {
        LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_CONFIGURATION);
        entry.setId(new LogId(index, term));
        List<PeerId> peers = new ArrayList<>();
        for (int port : ports) {
            peers.add(new PeerId("127.0.0.1", port));
        }
        entry.setPeers(peers);
        return entry;
    }

    static List<LogEntry> range(long first, long last, long term) {
        List<LogEntry> entries = new ArrayList<>();
        for (long index = first; index <= last; index++) {
            entries.add(data(index, term));
        }
        return entries;
    }
}
