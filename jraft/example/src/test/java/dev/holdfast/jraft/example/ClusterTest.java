package dev.holdfast.jraft.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.CliServiceImpl;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.error.JRaftException;
import com.alipay.sofa.jraft.option.CliOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills random nodes of a group of three processes, leaders included, while clients write. Also removes one node from
 * the group, wipes it and adds it again. At the end all nodes must hold every acknowledged write, in the same order.
 * {@code -Dholdfast.jraft.rounds=N} sets the number of rounds.
 */
class ClusterTest {
    private static final int ROUNDS = Integer.getInteger("holdfast.jraft.rounds", 10);
    private static final int WRITERS = 3;
    private static final int WRITES_BETWEEN = 40;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

    @TempDir
    Path parent;

    private final long seed = Long.getLong("holdfast.seed", new Random().nextLong());
    private final SplittableRandom random = new SplittableRandom(seed);
    private final History history = new History();
    private final AtomicInteger number = new AtomicInteger();
    private final List<NodeProcess> nodes = new ArrayList<>();
    private volatile boolean stopping;
    private List<String> peers = List.of();
    private int kills;
    private int leadersKilled;
    private int wiped;

    @Test
    void rocksDbIsNotOnTheClassPath() {
        assertThatThrownBy(() -> Class.forName("org.rocksdb.RocksDB")).isInstanceOf(ClassNotFoundException.class);
    }

    @Test
    void acknowledgedWritesAreOnAllNodesInOneOrder() throws Exception {
        System.out.println("ClusterTest: rerun with -Dholdfast.seed=" + seed);
        peers = Tour.freePeers(3);
        try (MapClient client = new MapClient(peers)) {
            for (int i = 0; i < peers.size(); i++) {
                nodes.add(start(i, String.join(",", peers)));
            }
            List<Thread> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(new Thread(() -> write(client), "writer " + i));
            }
            writers.forEach(Thread::start);
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    round(client, round);
                }
                history.awaitMore(WRITES_BETWEEN);
            } finally {
                stopping = true;
                for (Thread writer : writers) {
                    writer.join();
                }
            }
            List<List<String>> applied = settled(client);
            assertThat(Checker.check(history.writes(), applied))
                    .as("seed " + seed)
                    .isEmpty();
            System.out.println("ClusterTest: " + kills + " kills, " + leadersKilled + " of them of leaders, " + wiped
                    + " nodes wiped; "
                    + history.acknowledged() + " writes acknowledged, "
                    + applied.get(0).size() + " applied of "
                    + history.writes().size());
        } finally {
            nodes.forEach(NodeProcess::close);
        }
        assertThat(kills).isGreaterThanOrEqualTo(ROUNDS);
        assertThat(leadersKilled).isPositive();
        assertThat(wiped).isPositive();
    }

    private NodeProcess start(int i, String group) throws IOException, InterruptedException {
        return NodeProcess.start(parent.resolve("node" + i), peers.get(i), group);
    }

    private void write(MapClient client) {
        try {
            while (!stopping) {
                int i = number.getAndIncrement();
                String write = "key" + i % 50 + "=value" + i;
                history.asked(write);
                if (client.put("key" + i % 50, "value" + i)) {
                    history.acknowledged(write);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void round(MapClient client, int round) throws Exception {
        history.awaitMore(WRITES_BETWEEN);
        if (random.nextBoolean()) {
            nodes.get(random.nextInt(3)).ask("snapshot", "snapshot taken");
        }
        int leader = peers.indexOf(client.leader());
        if (round % 5 == 2) {
            wipe(random.nextInt(3));
            return;
        }
        int victim = round % 2 == 0 ? leader : random.nextInt(3);
        leadersKilled += victim == leader ? 1 : 0;
        kill(victim);
        // Sometimes kill a second node. Nothing is acknowledged until one of the two is back.
        int second = random.nextInt(3) == 0 ? (victim + 1) % 3 : -1;
        if (second >= 0) {
            kill(second);
            nodes.set(second, start(second, String.join(",", peers)));
        }
        history.awaitMore(WRITES_BETWEEN);
        if (random.nextInt(3) == 0) {
            // Write enough that the stopped node will need a snapshot.
            for (int i = 0; i < 3; i++) {
                if (i != victim) {
                    nodes.get(i).ask("snapshot", "snapshot taken");
                    history.awaitMore(WRITES_BETWEEN / 2);
                    nodes.get(i).ask("snapshot", "snapshot taken");
                }
            }
        }
        nodes.set(victim, start(victim, String.join(",", peers)));
    }

    private void kill(int i) throws InterruptedException {
        nodes.get(i).kill();
        kills++;
    }

    /**
     * Removes a node from its group, because a wiped node has lost what it acknowledged; wipes it; and adds it again.
     */
    private void wipe(int i) throws Exception {
        PeerId peer = PeerId.parsePeer(peers.get(i));
        Configuration group = new Configuration();
        peers.forEach(each -> group.addPeer(PeerId.parsePeer(each)));
        CliServiceImpl cli = new CliServiceImpl();
        assertThat(cli.init(new CliOptions())).isTrue();
        try {
            insist(
                    () -> cli.removePeer(MapNode.GROUP, group, peer),
                    () -> leaderSays(cli, group, members -> !members.contains(peer)));
            kill(i);
            delete(parent.resolve("node" + i));
            history.awaitMore(WRITES_BETWEEN);
            group.removePeer(peer);
            // Take two snapshots, so that the log is trimmed and the new node must install a snapshot.
            for (int other = 0; other < 3; other++) {
                if (other != i) {
                    nodes.get(other).ask("snapshot", "snapshot taken");
                    history.awaitMore(WRITES_BETWEEN / 2);
                    nodes.get(other).ask("snapshot", "snapshot taken");
                }
            }
            nodes.set(i, start(i, ""));
            insist(
                    () -> cli.addPeer(MapNode.GROUP, group, peer),
                    () -> leaderSays(cli, group, members -> members.contains(peer)));
            nodes.get(i).hear("snapshot of");
            wiped++;
        } finally {
            cli.shutdown();
        }
    }

    private interface Request {
        Status make();
    }

    /**
     * Repeats a request until the leader confirms it. A leader may step down meanwhile; once writes are acknowledged
     * again, there is one. The answer of a successful request may be lost, and a repeated request is then refused.
     * Therefore the leader is asked for the members, and asked again after it has committed further writes.
     */
    private void insist(Request request, BooleanSupplier granted) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        if (random.nextBoolean()) {
            request.make(); // the answer is ignored
        }
        Status status = request.make();
        while (!status.isOk()) {
            assertThat(System.nanoTime()).as(status.toString()).isLessThan(deadline);
            history.awaitMore(WRITES_BETWEEN / 2);
            if (granted.getAsBoolean()) {
                history.awaitMore(WRITES_BETWEEN / 2);
                if (granted.getAsBoolean()) {
                    return;
                }
            }
            status = request.make();
        }
    }

    /** Returns whether the leader's members satisfy a condition; false if there is no leader at the moment. */
    private static boolean leaderSays(CliServiceImpl cli, Configuration group, Predicate<List<PeerId>> ofMembers) {
        try {
            return ofMembers.test(cli.getPeers(MapNode.GROUP, group));
        } catch (IllegalStateException | JRaftException e) {
            return false;
        }
    }

    /** Returns the writes that each node applied, after all nodes have applied a last write. */
    private List<List<String>> settled(MapClient client) throws Exception {
        String last;
        boolean acknowledged;
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        do {
            assertThat(System.nanoTime()).as("the last write is acknowledged").isLessThan(deadline);
            int i = number.getAndIncrement();
            last = "last=value" + i;
            history.asked(last);
            acknowledged = client.put("last", "value" + i);
        } while (!acknowledged);
        history.acknowledged(last);
        List<List<String>> applied = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            applied.add(appliedBy(i, last));
        }
        return applied;
    }

    private List<String> appliedBy(int i, String last) throws Exception {
        Path file = parent.resolve("writes" + i);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        List<String> applied;
        do {
            assertThat(System.nanoTime())
                    .as("node " + i + " applies the last write")
                    .isLessThan(deadline);
            nodes.get(i).ask("writes " + file, "written");
            applied = Files.readAllLines(file);
        } while (!applied.contains(last));
        return applied;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
