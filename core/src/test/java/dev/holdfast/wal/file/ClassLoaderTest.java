package dev.holdfast.wal.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.memory.MemoryLog;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks that a log and its threads do not pin the class loader of an application that opened and used the log. */
class ClassLoaderTest {
    private static final int COLLECTIONS = 200;
    private static final long COLLECTION_MILLIS = 50;

    @TempDir
    Path directory;

    @Test
    void openLogDoesNotPinTheClassLoadersOfItsUsers() throws Exception {
        AtomicReference<Log> log = new AtomicReference<>();
        WeakReference<ClassLoader> loader = deployed(directory, ClassLoaderTest::isOfTheApplication, log);
        try (Log open = log.get()) {
            assertCollected(loader);
            assertThat(open.lastId()).hasValue(20);
        }
    }

    @Test
    void memoryLogDoesNotPinTheClassLoadersOfItsUsers() throws Exception {
        try (MemoryLog log = new MemoryLog()) {
            AtomicReference<Log> used = new AtomicReference<>(log);
            assertCollected(deployed(directory, ClassLoaderTest::isOfTheApplication, used));
            assertThat(log.lastId()).hasValue(20);
        }
    }

    /**
     * Runs in another process that clears soft references at once, because the JDK's caches of method handles hold
     * some.
     */
    @Test
    void closedLogDoesNotPinTheClassLoaderOfTheLibrary() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:SoftRefLRUPolicyMSPerMB=0",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        ClassLoaderTest.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("collected");
    }

    public static void main(String[] arguments) throws Exception {
        AtomicReference<Log> none = new AtomicReference<>();
        WeakReference<ClassLoader> loader = deployed(
                Path.of(arguments[0]),
                name -> name.startsWith("dev.holdfast.") && !name.startsWith(ClassLoaderTest.class.getName() + "$Use"),
                none);
        // JDK 17 itself pins the class of the record whose equals and hashCode were linked last (ObjectMethods).
        assertThat(new Linked("a", List.of())).hasSameHashCodeAs(new Linked("a", List.of()));
        assertThat(new Linked("a", List.of())).isEqualTo(new Linked("a", List.of()));
        assertCollected(loader);
        System.out.print("collected");
    }

    @Test
    void threadsOfALogHaveNoContextClassLoader() throws Exception {
        try (FileLog log = FileLog.open(directory)) {
            log.appendAsync(ByteBuffer.allocate(10)).join();
            // The thread that completes futures lives until no log has completed futures for some seconds.
            assertThat(Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> thread.getName().startsWith("holdfast-")))
                    .anyMatch(thread -> thread.getName().equals("holdfast-completer"))
                    .allMatch(thread -> thread.getContextClassLoader() == null)
                    .allMatch(Thread::isDaemon);
        }
    }

    /** Runs an application in its own class loader, thread and thread group. Only the log survives it. */
    private static WeakReference<ClassLoader> deployed(Path directory, Predicate<String> own, AtomicReference<Log> log)
            throws Exception {
        Loader loader = new Loader(own);
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Class<?> type = Class.forName(Application.class.getName(), true, loader);
        Runnable application = (Runnable) type.getDeclaredConstructors()[0].newInstance(
                directory.resolve("log"), new Use(log, own.test(Log.class.getName())));
        Thread thread = (Thread) ((Function<?, ?>) application).apply(null);
        thread.setUncaughtExceptionHandler((dying, e) -> failure.set(e));
        thread.setContextClassLoader(loader);
        thread.start();
        thread.join();
        assertThat(failure.get()).isNull();
        return new WeakReference<>(loader, Loader.QUEUE);
    }

    private static boolean isOfTheApplication(String name) {
        return name.equals(Application.class.getName()) || name.equals(Group.class.getName());
    }

    private static void assertCollected(WeakReference<ClassLoader> loader) throws InterruptedException {
        Reference<?> collected = null;
        for (int i = 0; i < COLLECTIONS && collected != loader; i++) {
            System.gc();
            collected = Loader.QUEUE.remove(COLLECTION_MILLIS);
        }
        assertThat(collected).as("the class loader was collected").isSameAs(loader);
    }

    /**
     * Connects the test with the application; loaded by the parent class loader.
     *
     * @param log the log that the application opened or finds open
     * @param closes whether the application closes the log itself and does not publish it
     */
    public record Use(AtomicReference<Log> log, boolean closes) {}

    private record Linked(String name, List<String> more) {}

    /** The code of an application. */
    public static final class Application implements Runnable, Function<Object, Thread> {
        private static final InheritableThreadLocal<Object> INHERITED = new InheritableThreadLocal<>();

        private final Path directory;
        private final Use use;

        public Application(Path directory, Use use) {
            this.directory = directory;
            this.use = use;
        }

        @Override
        public Thread apply(Object ignored) {
            return new Thread(new Group(), this, "application");
        }

        @Override
        public void run() {
            INHERITED.set(this);
            try {
                if (use.closes()) {
                    try (Log log = FileLog.open(directory)) {
                        work(log);
                    }
                } else {
                    Log log = use.log().get() == null
                            ? FileLog.open(directory)
                            : use.log().get();
                    work(log);
                    use.log().set(log);
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        private static void work(Log log) throws IOException {
            for (int i = 0; i < 10; i++) {
                log.append(new byte[100_000]); // past a quarter of the first segment, so that a spare is made
                log.appendAsync(ByteBuffer.allocate(100))
                        .thenApply(id -> id + 1)
                        .join();
            }
            assertThat(log.read(log.lastId().orElseThrow())).isPresent();
        }
    }

    /** A thread group that references its class loader. */
    public static final class Group extends ThreadGroup {
        @SuppressWarnings("removal") // up to JDK 18 a parent group pins its child groups forever
        public Group() {
            super("application");
            setDaemon(true);
        }
    }

    /** Loads some classes again. */
    private static final class Loader extends ClassLoader {
        static final ReferenceQueue<ClassLoader> QUEUE = new ReferenceQueue<>();

        private final Predicate<String> own;

        Loader(Predicate<String> own) {
            super(ClassLoaderTest.class.getClassLoader());
            this.own = own;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded != null) {
                    return loaded;
                }
                return own.test(name) ? define(name) : super.loadClass(name, resolve);
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                CodeSource source = new CodeSource(null, (Certificate[]) null);
                return defineClass(name, bytes, 0, bytes.length, new ProtectionDomain(source, null, this, null));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
