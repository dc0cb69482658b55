package dev.holdfast.bench.bookkeeper;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.Survives;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.bookkeeper.bookie.BookieImpl;
import org.apache.bookkeeper.bookie.Journal;
import org.apache.bookkeeper.bookie.LedgerDirsManager;
import org.apache.bookkeeper.conf.ServerConfiguration;
import org.apache.bookkeeper.stats.NullStatsLogger;
import org.apache.bookkeeper.util.DiskChecker;

/**
 * The journal of a bookie. The variant {@code tuned} does not wait for further records before a sync, and recycles its
 * files.
 */
public final class BookKeeper implements Peer {
    private static final float FULL = 0.99f;
    private static final int JOURNAL_MIB = 64;
    private static final int BUFFER_KIB = 1_024;

    @Override
    public Contender open(Opening opening) throws IOException {
        Path journals = Files.createDirectories(opening.directory().resolve("journal"));
        Path ledgers = Files.createDirectories(opening.directory().resolve("ledgers"));
        ServerConfiguration configuration = configuration(opening, journals, ledgers);
        BookieImpl.checkDirectoryStructure(BookieImpl.getCurrentDirectory(journals.toFile()));
        BookieImpl.checkDirectoryStructure(BookieImpl.getCurrentDirectory(ledgers.toFile()));
        LedgerDirsManager manager =
                new LedgerDirsManager(configuration, new File[] {ledgers.toFile()}, new DiskChecker(FULL, FULL));
        File current = BookieImpl.getCurrentDirectory(journals.toFile());
        Journal journal = new Journal(
                0, current, configuration, manager, NullStatsLogger.INSTANCE, PooledByteBufAllocator.DEFAULT);
        return new BookKeeperContender(journal);
    }

    private static ServerConfiguration configuration(Opening opening, Path journals, Path ledgers) {
        ServerConfiguration configuration = new ServerConfiguration();
        configuration.setJournalDirName(journals.toString());
        configuration.setLedgerDirNames(new String[] {ledgers.toString()});
        configuration.setJournalSyncData(opening.survives() == Survives.POWER_LOSS);
        if (opening.variant().equals("tuned")) {
            configuration.setJournalFlushWhenQueueEmpty(true);
            configuration.setJournalMaxGroupWaitMSec(0);
            configuration.setJournalReuseFiles(true);
            configuration.setMaxJournalSizeMB(JOURNAL_MIB);
            configuration.setJournalWriteBufferSizeKB(BUFFER_KIB);
            configuration.setMaxBackupJournals(0);
        }
        return configuration;
    }
}
