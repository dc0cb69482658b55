package dev.holdfast.bench.run;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The same number from several rounds.
 *
 * @param median the middle one, or the mean of the two in the middle
 */
public record Statistics(double median, double least, double most, int rounds) {
    /** Of at least one value. */
    public static Statistics of(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("there is no median of nothing");
        }
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Statistics(median, sorted[0], sorted[sorted.length - 1], sorted.length);
    }

    /**
     * How often the one is the other, round by round: only rounds in which both have a value count.
     *
     * @param byRound values by the number of their round
     * @return the ratios by round
     */
    public static Map<Integer, Double> ratios(Map<Integer, Double> byRound, Map<Integer, Double> toByRound) {
        Map<Integer, Double> ratios = new TreeMap<>();
        byRound.forEach((round, value) -> {
            Double other = toByRound.get(round);
            if (other != null && other != 0) {
                ratios.put(round, value / other);
            }
        });
        return ratios;
    }

    /** The mean that treats twice as much and half as much alike; of positive values. */
    public static double geometricMean(double... values) {
        return Math.exp(Arrays.stream(values).map(Math::log).average().orElse(Double.NaN));
    }
}
