package dev.holdfast.testkit;

/**
 * What every {@link dev.holdfast.wal.Log} does, as tests. A test class implements it and says how its log is opened:
 *
 * <pre>{@code
 * class MyLogContractTest implements LogContract {
 *     @TempDir
 *     Path directory;
 *
 *     @Override
 *     public Log openLog() throws IOException {
 *         return MyLog.open(directory);
 *     }
 *
 *     @Override
 *     public boolean persistent() {
 *         return true;
 *     }
 * }
 * }</pre>
 *
 * <p>Each part is an interface of its own: a log that is not finished can begin with {@link AppendContract}.
 */
public interface LogContract
        extends AppendContract,
                BatchContract,
                AsyncAppendContract,
                CommitHookContract,
                CursorContract,
                WaitingCursorContract,
                RangeReadContract,
                TruncateContract,
                TrimContract,
                ResetContract,
                RemovalContract,
                RemovedRecordsContract,
                HistoryContract,
                ConcurrencyContract,
                InterruptContract,
                LifecycleContract {}
