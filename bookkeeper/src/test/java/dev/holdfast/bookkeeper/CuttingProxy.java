package dev.holdfast.bookkeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A proxy between clients and ZooKeeper servers. It can cut the connection at a compare-and-set, either before the
 * server receives the request or after the server has answered. It can also block all traffic in both directions
 * without an error. It knows two facts about the protocol: a message begins with its length, and a request continues
 * with its number and its type.
 */
final class CuttingProxy implements AutoCloseable {
    /** Moment at which to cut the connection. */
    enum Moment {
        BEFORE_THE_CHANGE,
        AFTER_THE_CHANGE
    }

    private static final int SET_DATA = 5;

    private final List<ServerSocket> doors = new ArrayList<>();
    private final AtomicReference<Moment> armed = new AtomicReference<>();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile CountDownLatch wall = new CountDownLatch(0);

    /** Opens one port of the proxy for each server at these target ports. */
    CuttingProxy(String targetAddress, List<Integer> targetPorts) throws IOException {
        for (int port : targetPorts) {
            ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            doors.add(door);
            daemon(() -> accept(door, new InetSocketAddress(targetAddress, port)));
        }
    }

    /** Returns the ports of the proxy, in the order of the servers. */
    List<Integer> ports() {
        return doors.stream().map(ServerSocket::getLocalPort).toList();
    }

    /** Blocks all traffic without an error. */
    void cutOff() {
        wall = new CountDownLatch(1);
    }

    /** Lets all traffic through again, including what was sent meanwhile. */
    void join() {
        wall.countDown();
    }

    int cuts() {
        return cuts.get();
    }

    /** Cuts the connection at the next change of a log's state. */
    void cutAt(Moment moment) {
        armed.set(moment);
    }

    void disarm() {
        armed.set(null);
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "cutting-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept(ServerSocket door, InetSocketAddress target) {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                daemon(() -> connect(client, target));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void connect(Socket client, InetSocketAddress target) {
        awaitDoor();
        Socket upstream = new Socket();
        try {
            upstream.connect(target);
            new Connection(client, upstream).start();
        } catch (IOException e) {
            try (client;
                    upstream) {
                return; // ZooKeeper is down
            } catch (IOException closing) {
                return;
            }
        }
    }

    private void awaitDoor() {
        try {
            wall.await();
        } catch (InterruptedException e) {
            throw new AssertionError("this thread has no name", e);
        }
    }

    private final class Connection {
        private final Socket client;
        private final Socket upstream;
        private final AtomicReference<Integer> swallowed = new AtomicReference<>();

        Connection(Socket client, Socket upstream) {
            this.client = client;
            this.upstream = upstream;
        }

        void start() {
            daemon(() -> pump(client, upstream, true));
            daemon(() -> pump(upstream, client, false));
        }

        private void pump(Socket from, Socket to, boolean requests) {
            try (client;
                    upstream) {
                DataInputStream in = new DataInputStream(from.getInputStream());
                DataOutputStream out = new DataOutputStream(to.getOutputStream());
                while (true) {
                    byte[] message = new byte[in.readInt()];
                    in.readFully(message);
                    awaitDoor();
                    if (requests ? isCutBefore(message) : isSwallowed(message)) {
                        cuts.incrementAndGet();
                        return;
                    }
                    ByteBuffer whole = ByteBuffer.allocate(4 + message.length);
                    out.write(whole.putInt(message.length).put(message).array());
                    out.flush();
                }
            } catch (IOException e) {
                return; // one side has closed the connection
            }
        }

        private boolean isCutBefore(byte[] message) {
            ByteBuffer request = ByteBuffer.wrap(message);
            if (message.length < 12 || request.getInt(4) != SET_DATA || armed.get() == null) {
                return false;
            }
            int pathLength = request.getInt(8);
            if (!new String(message, 12, pathLength, UTF_8).startsWith("/holdfast/")) {
                return false;
            }
            if (armed.getAndSet(null) == Moment.BEFORE_THE_CHANGE) {
                return true;
            }
            swallowed.set(request.getInt(0));
            return false;
        }

        private boolean isSwallowed(byte[] message) {
            Integer number = swallowed.get();
            return number != null
                    && message.length >= 4
                    && ByteBuffer.wrap(message).getInt() == number;
        }
    }

    @Override
    public void close() throws IOException {
        join();
        for (ServerSocket door : doors) {
            door.close();
        }
    }
}
