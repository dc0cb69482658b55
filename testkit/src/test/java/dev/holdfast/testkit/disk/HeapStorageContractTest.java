package dev.holdfast.testkit.disk;

import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.Storage;

class HeapStorageContractTest implements StorageContract {
    @Override
    public Storage newStorage() {
        return new HeapStorage().stamped();
    }
}
