package dev.holdfast.jraft.example;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.RaftGroupService;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.Task;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.rpc.RaftRpcServerFactory;
import com.alipay.sofa.jraft.rpc.RpcContext;
import com.alipay.sofa.jraft.rpc.RpcProcessor;
import com.alipay.sofa.jraft.rpc.RpcServer;
import dev.holdfast.jraft.HoldfastServiceFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A node of the replicated map: {@code MapNode DIRECTORY HOST:PORT PEERS}. It reads commands from standard input:
 * {@code snapshot}, {@code writes FILE}, {@code applied}, {@code quit}. Without peers it waits until it is added to a
 * group.
 */
final class MapNode {
    static final String GROUP = "map";

    private MapNode() {}

    /** Runs the node. */
    public static void main(String[] arguments) throws IOException {
        Path directory = Files.createDirectories(Path.of(arguments[0]));
        PeerId self = PeerId.parsePeer(arguments[1]);
        Configuration peers = new Configuration();
        peers.parse(arguments.length > 2 ? arguments[2] : "");

        ReplicatedMap map = new ReplicatedMap();
        NodeOptions options = new NodeOptions();
        options.setServiceFactory(new HoldfastServiceFactory()); // the only line that a node needs for Holdfast
        options.setLogUri(directory.resolve("log").toString());
        options.setRaftMetaUri(directory.resolve("meta").toString());
        options.setSnapshotUri(directory.resolve("snapshot").toString());
        options.setSnapshotIntervalSecs(0); // only on the command "snapshot"
        options.setElectionTimeoutMs(1000);
        options.setInitialConf(peers);
        options.setFsm(map);

        RpcServer server = RaftRpcServerFactory.createRaftRpcServer(self.getEndpoint());
        RaftGroupService service = new RaftGroupService(GROUP, self, options, server);
        server.registerProcessor(new PutProcessor(service));
        Node node = service.start();
        if (node == null) {
            System.out.println("failed: the node does not start");
            System.exit(1);
        }
        System.out.println("started");
        obey(node, map);
        System.exit(0);
    }

    private static void obey(Node node, ReplicatedMap map) throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            if (command.equals("snapshot")) {
                node.snapshot(status -> System.out.println("snapshot taken: " + status));
            } else if (command.equals("applied")) {
                System.out.println("applied " + map.writes().size());
            } else if (command.startsWith("writes ")) {
                Files.write(Path.of(command.substring("writes ".length())), map.writes());
                System.out.println("written");
            } else if (command.equals("quit")) {
                node.shutdown(status -> System.out.println("stopped"));
                try {
                    node.join();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return;
            }
        }
    }

    /** Passes writes to the group. If this node is not the leader, JRaft answers the write with an error. */
    private record PutProcessor(RaftGroupService service) implements RpcProcessor<Put> {
        @Override
        public void handleRequest(RpcContext context, Put put) {
            Closure done = (Status status) -> {
                PeerId leader = service.getRaftNode().getLeaderId();
                String name = leader == null ? "" : leader.toString();
                context.sendResponse(status.isOk() ? PutAnswer.done(name) : PutAnswer.unknown(name));
            };
            service.getRaftNode().apply(new Task(ReplicatedMap.encode(put), done));
        }

        @Override
        public String interest() {
            return Put.class.getName();
        }
    }
}
