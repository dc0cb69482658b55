package dev.holdfast.jraft.example;

import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.RemotingException;
import com.alipay.sofa.jraft.option.RpcOptions;
import com.alipay.sofa.jraft.rpc.RpcClient;
import com.alipay.sofa.jraft.util.RpcFactoryHelper;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Writes to whoever leads. Safe from any thread. */
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
     * Writes once.
     *
     * @return whether the group has acknowledged it; if not, it may have happened or may happen later
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
            // Down, or cut off: somebody else will lead.
            leader = after(asked);
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        return false;
    }

    private String after(String peer) {
        return peers.get((peers.indexOf(peer) + 1) % peers.size());
    }

    /** Whom the next write goes to. */
    String leader() {
        return leader;
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
