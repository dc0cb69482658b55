package dev.holdfast.jraft;

import com.alipay.sofa.jraft.JRaftServiceFactory;

class HoldfastLogStorageTest extends LogStorageContract {
    @Override
    JRaftServiceFactory factory() {
        return new HoldfastServiceFactory();
    }
}
