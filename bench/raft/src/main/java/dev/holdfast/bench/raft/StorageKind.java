package dev.holdfast.bench.raft;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import dev.holdfast.jraft.HoldfastServiceFactory;

/** The log storages of a node. */
enum StorageKind {
    ROCKSDB,
    HOLDFAST;

    JRaftServiceFactory factory() {
        return this == ROCKSDB ? new DefaultJRaftServiceFactory() : new HoldfastServiceFactory();
    }
}
