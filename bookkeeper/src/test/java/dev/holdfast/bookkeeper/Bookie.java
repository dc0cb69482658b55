package dev.holdfast.bookkeeper;

import java.nio.file.Path;
import org.apache.bookkeeper.common.component.LifecycleComponentStack;
import org.apache.bookkeeper.conf.ServerConfiguration;
import org.apache.bookkeeper.server.EmbeddedServer;
import org.apache.bookkeeper.server.conf.BookieConfiguration;

/** A bookie in this process. */
final class Bookie implements AutoCloseable {
    private final LifecycleComponentStack components;

    private Bookie(LifecycleComponentStack components) {
        this.components = components;
    }

    /**
     * Starts a bookie, or restarts it if it has run before in this directory and on this port.
     *
     * @param synced whether entries are synced to disk before they are acknowledged, as bookies always do outside of
     *     tests
     */
    static Bookie start(
            String metadataServiceUri, Path directory, int port, boolean synced, String device, String address)
            throws Exception {
        ServerConfiguration configuration = configuration(metadataServiceUri);
        configuration.setBookiePort(port);
        configuration.setJournalDirName(directory.resolve("journal").toString());
        configuration.setLedgerDirNames(
                new String[] {directory.resolve("ledgers").toString()});
        configuration.setListeningInterface(device);
        configuration.setAdvertisedAddress(address);
        configuration.setJournalSyncData(synced);
        EmbeddedServer server =
                EmbeddedServer.builder(new BookieConfiguration(configuration)).build();
        LifecycleComponentStack components = server.getLifecycleComponentStack();
        components.start();
        return new Bookie(components);
    }

    static ServerConfiguration configuration(String metadataServiceUri) {
        ServerConfiguration configuration = new ServerConfiguration();
        configuration.setMetadataServiceUri(metadataServiceUri);
        configuration.setAllowLoopback(true);
        configuration.setDiskUsageThreshold(0.99f);
        configuration.setDiskUsageWarnThreshold(0.98f);
        configuration.setJournalFlushWhenQueueEmpty(true);
        configuration.setJournalMaxGroupWaitMSec(0);
        configuration.setMaxJournalSizeMB(64);
        configuration.setProperty("journalPreAllocSizeMB", 1);
        configuration.setEntryLogSizeLimit(64 << 20);
        configuration.setZkTimeout(4000);
        configuration.setHttpServerEnabled(false);
        configuration.setNumAddWorkerThreads(1);
        configuration.setNumReadWorkerThreads(1);
        configuration.setNumHighPriorityWorkerThreads(1);
        configuration.setServerNumIOThreads(1);
        configuration.setLedgerStorageClass("org.apache.bookkeeper.bookie.InterleavedLedgerStorage");
        return configuration;
    }

    @Override
    public void close() {
        components.close();
    }
}
