package dev.holdfast.testkit.disk;

import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.Storage;

class ForwardingStorageContractTest implements StorageContract {
    @Override
    public Storage newStorage() {
        return new ForwardingStorage(new HeapStorage().stamped());
    }
}
