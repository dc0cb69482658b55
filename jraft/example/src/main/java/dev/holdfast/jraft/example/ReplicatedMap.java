package dev.holdfast.jraft.example;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.core.StateMachineAdapter;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.error.RaftException;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The replicated state of a node: a map, and all writes in the order in which they were applied. The order lets a test
 * compare nodes.
 */
final class ReplicatedMap extends StateMachineAdapter {
    private static final String FILE = "writes";

    private final List<String> writes = new ArrayList<>();
    private final Map<String, String> map = new TreeMap<>();

    /**
     * Encodes a write for replication. A key must not contain {@code =}, and neither key nor value may contain a line
     * break.
     */
    static ByteBuffer encode(Put put) {
        return StandardCharsets.UTF_8.encode(put.key() + "=" + put.value());
    }

    private synchronized void apply(String write) {
        int at = write.indexOf('=');
        map.put(write.substring(0, at), write.substring(at + 1));
        writes.add(write);
    }

    synchronized List<String> writes() {
        return List.copyOf(writes);
    }

    synchronized Map<String, String> map() {
        return Map.copyOf(map);
    }

    private synchronized void become(List<String> all) {
        writes.clear();
        map.clear();
        all.forEach(this::apply);
    }

    @Override
    public void onApply(Iterator entries) {
        while (entries.hasNext()) {
            apply(StandardCharsets.UTF_8.decode(entries.getData().duplicate()).toString());
            @Nullable Closure asked = entries.done();
            if (asked != null) {
                asked.run(Status.OK());
            }
            entries.next();
        }
    }

    @Override
    public void onSnapshotSave(SnapshotWriter writer, Closure done) {
        try {
            Files.write(Path.of(writer.getPath(), FILE), writes());
            done.run(writer.addFile(FILE) ? Status.OK() : new Status(RaftError.EIO, "cannot add " + FILE));
        } catch (IOException e) {
            done.run(new Status(RaftError.EIO, "cannot save the snapshot: " + e));
        }
    }

    @Override
    public boolean onSnapshotLoad(SnapshotReader reader) {
        try {
            become(Files.readAllLines(Path.of(reader.getPath(), FILE)));
        } catch (IOException e) {
            System.out.println("failed: snapshot " + e);
            return false;
        }
        System.out.println("snapshot of " + writes().size() + " writes loaded");
        return true;
    }

    @Override
    public void onLeaderStart(long term) {
        System.out.println("leads in term " + term);
        super.onLeaderStart(term);
    }

    @Override
    public void onError(RaftException e) {
        System.out.println("failed: " + e.getStatus());
        super.onError(e);
    }
}
