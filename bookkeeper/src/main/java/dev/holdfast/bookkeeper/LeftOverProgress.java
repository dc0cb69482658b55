package dev.holdfast.bookkeeper;

/**
 * How far the removal of left-over ledgers has come.
 *
 * @param lookedAt ledgers of the cluster that this call has looked at
 * @param removed how many of these were left over, and are gone
 * @param nextLedgerId where to go on: every ledger with a smaller number has been looked at
 * @param finished whether all ledgers of the cluster have been looked at
 */
public record LeftOverProgress(long lookedAt, long removed, long nextLedgerId, boolean finished) {}
