package dev.holdfast.jraft.example;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.option.RpcOptions;
import com.alipay.sofa.jraft.rpc.RpcClient;
import com.alipay.sofa.jraft.util.RpcFactoryHelper;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A client that writes to the current leader. Thread-safe. */
final class MapClient implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 3000;
    private static final int PAUSE_MILLIS = 50;

    private final RpcClient client = RpcFactoryHelper.rpcFactory().createRpcClient();
    private final List<String> peers;
    private volatile String leader;

    MapClient(List<String> peers) {
        this.peers = peers;
        leader = peers.get(0);
        client.init(new RpcOptions());
    }

    /**
     * Sends a write once.
     *
     * @return whether the group acknowledged the write; if false, the write may have been applied or may be applied
     *     later
     */
    boolean put(String key, String value) throws InterruptedException {
        String asked = leader;
        try {
            PutAnswer answer = (PutAnswer)
                    client.invokeSync(PeerId.parsePeer(asked).getEndpoint(), new Put(key, value), TIMEOUT_MILLIS);
            if (answer.isDone()) {
                return true;
            }
            leader = answer.leader().isEmpty() || answer.leader().equals(asked) ? after(asked) : answer.leader();
        } catch (RemotingException | RuntimeException e) {
            // The node is down or unreachable, so another node will lead.
            leader = after(asked);
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        return false;
    }

    private String after(String peer) {
        return peers.get((peers.indexOf(peer) + 1) % peers.size());
    }

    /** Returns the address to which the next write is sent. */
    String leader() {
        return leader;
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
