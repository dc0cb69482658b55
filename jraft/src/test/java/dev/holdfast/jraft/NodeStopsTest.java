package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.RaftGroupService;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import com.alipay.sofa.jraft.core.State;
import com.alipay.sofa.jraft.core.StateMachineAdapter;
import com.alipay.sofa.jraft.entity.EnumOutter.ErrorType;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.Task;
import com.alipay.sofa.jraft.error.RaftException;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.rpc.RaftRpcServerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real node whose disk fails enters its error state and acknowledges nothing more. */
class NodeStopsTest {
    private static final int PATIENCE_SECONDS = 60;

    @TempDir
    Path directory;

    private static final class Machine extends StateMachineAdapter {
        private final AtomicInteger applied = new AtomicInteger();
        private final CountDownLatch leads = new CountDownLatch(1);
        private final CompletableFuture<RaftException> error = new CompletableFuture<>();

        @Override
        public void onApply(Iterator entries) {
            while (entries.hasNext()) {
                applied.incrementAndGet();
                if (entries.done() != null) {
                    entries.done().run(Status.OK());
                }
                entries.next();
            }
        }

        @Override
        public void onLeaderStart(long term) {
            leads.countDown();
        }

        @Override
        public void onError(RaftException e) {
            error.complete(e);
        }
    }

    private static PeerId peer() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new PeerId("127.0.0.1", socket.getLocalPort());
        }
    }

    private static Status apply(Node node) throws Exception {
        CompletableFuture<Status> answer = new CompletableFuture<>();
        node.apply(new Task(ByteBuffer.allocate(10_000), answer::complete));
        return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** A node that forms a group alone. */
    private static final class Running implements AutoCloseable {
        private final Machine machine = new Machine();
        private final RaftGroupService service;
        private final Node node;

        Running(PeerId self, Path directory) {
            this(self, directory, new HoldfastServiceFactory(64 << 10));
        }

        Running(PeerId self, Path directory, JRaftServiceFactory factory) {
            NodeOptions options = new NodeOptions();
            options.setServiceFactory(factory);
            options.setLogUri(directory.resolve("log").toString());
            options.setRaftMetaUri(directory.resolve("meta").toString());
            Configuration group = new Configuration();
            group.addPeer(self);
            options.setInitialConf(group);
            options.setFsm(machine);
            service = new RaftGroupService(
                    "group", self, options, RaftRpcServerFactory.createRaftRpcServer(self.getEndpoint()));
            node = service.start();
        }

        void awaitLead() throws InterruptedException {
            assertThat(machine.leads.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        }

        /** Writes until the node refuses, and returns the number of acknowledged entries. */
        int writeUntilItStops() throws Exception {
            int acknowledged = 0;
            while (apply(node).isOk()) {
                assertThat(acknowledged++).isLessThan(1000);
            }
            RaftException error = machine.error.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(error.getType()).isEqualTo(ErrorType.ERROR_TYPE_LOG);
            assertThat(apply(node).isOk()).isFalse();
            assertThat(node.getNodeState()).isEqualTo(State.STATE_ERROR);
            return acknowledged;
        }

        @Override
        public void close() {
            service.shutdown();
            try {
                service.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void nodeThatLosesItsDirectoryStops() throws Exception {
        try (Running running = new Running(peer(), directory)) {
            running.awaitLead();
            assertThat(apply(running.node).isOk()).isTrue();
            lose(directory.resolve("log"));
            running.writeUntilItStops();
        }
    }

    @Test
    void nodeOnAFullDiskStopsAndWorksAfterARestartWithSpace() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(directory.resolve("disk"))) {
            PeerId self = peer();
            int acknowledged;
            try (Running running = new Running(self, disk.path())) {
                running.awaitLead();
                acknowledged = running.writeUntilItStops();
                assertThat(acknowledged).isPositive();
                disk.grow();
                assertThat(apply(running.node).isOk())
                        .as("error state after space was freed")
                        .isFalse();
            }
            try (Running again = new Running(self, disk.path())) {
                again.awaitLead();
                assertThat(apply(again.node).isOk()).isTrue();
                assertThat(again.machine.applied.get()).isGreaterThan(acknowledged);
            }
        }
    }

    @Test
    void nodeStartedWithoutHoldfastDoesNotVote() throws Exception {
        PeerId self = peer();
        try (Running running = new Running(self, directory)) {
            running.awaitLead();
            assertThat(apply(running.node).isOk()).isTrue();
        }
        assertThatThrownBy(() -> new Running(self, directory, new DefaultJRaftServiceFactory()))
                .isInstanceOf(IllegalStateException.class);
        assertThat(directory.resolve("log/CURRENT")).doesNotExist();
        try (Running again = new Running(self, directory)) {
            again.awaitLead();
            assertThat(apply(again.node).isOk()).isTrue();
            assertThat(again.machine.applied.get()).isEqualTo(2);
        }
    }

    private static void lose(Path path) throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
