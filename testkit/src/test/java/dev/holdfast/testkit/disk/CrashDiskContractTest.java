package dev.holdfast.testkit.disk;

import dev.holdfast.wal.storage.Storage;

class CrashDiskContractTest implements StorageContract {
    @Override
    public Storage newStorage() {
        return new CrashDisk().process();
    }
}
