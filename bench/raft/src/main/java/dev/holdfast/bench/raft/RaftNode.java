package dev.holdfast.bench.raft;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.RaftGroupService;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.StateMachineAdapter;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.Task;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.rpc.RaftRpcServerFactory;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import com.alipay.sofa.jraft.rpc.RpcServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A node: {@code RaftNode STORAGE DIRECTORY HOST:PORT PEERS}. Its state is the number and the checksum of the applied
 * writes. The command {@code state} prints it.
 */
final class RaftNode {
    private RaftNode() {}

    private static final class Applied extends StateMachineAdapter {
        private final AtomicLong count = new AtomicLong();
        private final CRC32 checksum = new CRC32();

        @Override
        public synchronized void onApply(Iterator entries) {
            while (entries.hasNext()) {
                ByteBuffer data = entries.getData().duplicate();
                checksum.update(data);
                count.incrementAndGet();
                @Nullable Closure asked = entries.done();
                if (asked != null) {
                    asked.run(Status.OK());
                }
                entries.next();
            }
        }

        @Override
        public synchronized String toString() {
            return "state " + count + " " + checksum.getValue();
        }
    }

    /** Runs the node. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createDirectories(Path.of(arguments[1]));
        PeerId self = PeerId.parsePeer(arguments[2]);
        Configuration peers = new Configuration();
        peers.parse(arguments[3]);
        Applied applied = new Applied();
        NodeOptions options = new NodeOptions();
        options.setServiceFactory(StorageKind.valueOf(arguments[0]).factory());
        options.setLogUri(directory.resolve("log").toString());
        options.setRaftMetaUri(directory.resolve("meta").toString());
        options.setElectionTimeoutMs(2000);
        options.setInitialConf(peers);
        options.setFsm(applied);
        RpcServer server = RaftRpcServerFactory.createRaftRpcServer(self.getEndpoint());
        RaftGroupService service = new RaftGroupService("bench", self, options, server);
        server.registerProcessor(new WriteProcessor(service));
        if (service.start() == null) {
            System.out.println("failed to start");
            System.exit(1);
        }
        System.out.println("started");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String command = commands.readLine(); "state".equals(command); command = commands.readLine()) {
            System.out.println(applied);
        }
        service.shutdown();
        try {
            service.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        System.out.println("stopped");
        System.exit(0);
    }

    private record WriteProcessor(RaftGroupService service) implements RpcProcessor<Write> {
        @Override
        public void handleRequest(RpcContext context, Write write) {
            Closure done = status -> context.sendResponse(status.isOk());
            service.getRaftNode().apply(new Task(ByteBuffer.wrap(write.payload()), done));
        }

        @Override
        public String interest() {
            return Write.class.getName();
        }
    }
}
