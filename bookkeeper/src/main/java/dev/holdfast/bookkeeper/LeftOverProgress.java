package dev.holdfast.bookkeeper;

/**
 * Progress of a removal of leftover ledgers.
 *
 * @param lookedAt number of ledgers of the cluster that this call has examined
 * @param removed number of leftover ledgers that this call has removed
 * @param nextLedgerId smallest ledger number that has not been examined; pass it to the next call to continue
 * @param finished whether all ledgers of the cluster have been examined
 */
public record LeftOverProgress(long lookedAt, long removed, long nextLedgerId, boolean finished) {}
