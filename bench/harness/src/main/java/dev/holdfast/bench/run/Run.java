package dev.holdfast.bench.run;

/**
 * One contender, measured once in one cell.
 *
 * @param round counted from 1; runs of one cell in one round are compared with each other
 */
public record Run(Cell cell, Entrant entrant, int round, Outcome outcome, Load load) {
    /** Which run it is. */
    public record Place(Cell cell, Entrant entrant, int round) {}
}
