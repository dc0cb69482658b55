package dev.holdfast.bench.run;

/**
 * A single measurement of one contender in one cell.
 *
 * @param round counted from 1; the runs of one cell in one round are compared with each other
 */
public record Run(Cell cell, Entrant entrant, int round, Outcome outcome, Load load) {
    /** The position of a run in the plan. */
    public record Place(Cell cell, Entrant entrant, int round) {}
}
