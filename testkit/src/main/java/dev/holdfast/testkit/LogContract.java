package dev.holdfast.testkit;

/**
 * Contract tests that every {@link dev.holdfast.wal.Log} must pass. A test class implements this interface and opens
 * its log:
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
 * <p>Each part is a separate interface, so an unfinished log can start with {@link AppendContract}.
 */
public interface LogContract
        extends AppendContract,
                BatchContract,
                AsyncAppendContract,
                CommitHookContract,
                CommitHookErrorContract,
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
