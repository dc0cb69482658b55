package dev.holdfast.jraft;

import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.conf.ConfigurationEntry;
import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.LogId;
import com.alipay.sofa.jraft.entity.codec.LogEntryCodecFactory;
import com.alipay.sofa.jraft.entity.codec.LogEntryDecoder;
import com.alipay.sofa.jraft.entity.codec.LogEntryEncoder;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Encodes and decodes entries with the codec of the node. */
final class LogEntryCodec implements EntryCodec {
    private final LogEntryEncoder encoder;
    private final LogEntryDecoder decoder;

    LogEntryCodec(LogEntryCodecFactory factory) {
        encoder = Objects.requireNonNull(factory.encoder(), "log entry encoder");
        decoder = Objects.requireNonNull(factory.decoder(), "log entry decoder");
    }

    EncodedEntry encode(LogEntry entry) {
        return new EncodedEntry(entry.getId().getIndex(), isConfiguration(entry), encoder.encode(entry));
    }

    LogEntry decode(long index, byte[] encoded) throws IOException {
        // By JRaft's contract the result is null if the bytes are not an entry, but JRaft has no
        // annotation for that.
        @Nullable LogEntry entry = decoder.decode(encoded);
        if (entry == null) {
            throw new IOException("entry " + index + " of " + encoded.length
                    + " bytes is intact, but the node's codec cannot decode it: was it written with another codec?");
        }
        return entry;
    }

    ConfigurationEntry configuration(long index, byte[] encoded) throws IOException {
        LogEntry entry = decode(index, encoded);
        ConfigurationEntry configuration = new ConfigurationEntry();
        configuration.setId(new LogId(index, entry.getId().getTerm()));
        configuration.setConf(new Configuration(entry.getPeers(), entry.getLearners()));
        if (entry.getOldPeers() != null) {
            configuration.setOldConf(new Configuration(entry.getOldPeers(), entry.getOldLearners()));
        }
        return configuration;
    }

    private static boolean isConfiguration(@Nullable LogEntry entry) {
        return entry != null && entry.getType() == EntryType.ENTRY_TYPE_CONFIGURATION;
    }

    @Override
    public boolean isConfiguration(byte[] encoded) {
        return isConfiguration(decoder.decode(encoded));
    }

    @Override
    public EncodedEntry placeholder(long index) {
        LogEntry entry = new LogEntry(EntryType.ENTRY_TYPE_NO_OP);
        entry.setId(new LogId(index, 0));
        return encode(entry);
    }
}
