using MathNet.Numerics.Distributions;
using Titanic.Web.Passengers;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring.Drift;

/// <summary>
/// How soon the accuracy alarm finds a fall of the accuracy, by 4,000 simulations with a fixed seed. The fall begins after 30 looks with the
/// accuracy of the held-out rows.
/// </summary>
/// <param name="Accuracy">The accuracy after the fall, 0..1.</param>
/// <param name="MedianDays">Looks from the fall to the alarm in half of the simulations; null if it is later than the horizon.</param>
/// <param name="Days95">Looks from the fall to the alarm in 95% of the simulations; null if it is later than the horizon.</param>
/// <param name="FoundShare">Share of the simulations with an alarm within the horizon.</param>
public sealed record DetectionPower(double Accuracy, int? MedianDays, int? Days95, double FoundShare)
{
    /// <summary>Looks before the fall.</summary>
    public const int DaysBefore = 30;

    /// <summary>Number of simulations: the standard error of a share is at most 0.8%.</summary>
    public const int Simulations = 4_000;

    /// <summary>More predictions per look do not change the delay noticeably, and are simulated as this number.</summary>
    private const int MaximumRows = 1_000;

    private const ulong Seed = 1912;

    /// <summary>Simulates a fall.</summary>
    /// <param name="heldOut">Correct predictions for held-out rows.</param>
    /// <param name="options">Alternatives, horizon and α.</param>
    /// <param name="rowsPerDay">Mean number of outcomes per look, above 0.</param>
    /// <param name="accuracy">The accuracy after the fall, 0..1.</param>
    public static DetectionPower Of(Proportion heldOut, DriftOptions options, double rowsPerDay, double accuracy)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rowsPerDay);
        var random = new SeededRandom(Seed);
        var baseline = AccuracyDetector.BaselineOf(heldOut);
        var (before, after) = (new DailyOutcomes(rowsPerDay, heldOut.Value!.Value), new DailyOutcomes(rowsPerDay, accuracy));
        var days = new int[Simulations];
        for (var simulation = 0; simulation < Simulations; simulation++)
        {
            var detector = new AccuracyDetector(baseline, options);
            for (var day = 0; day < DaysBefore; day++)
                before.AddTo(detector, random);
            var daysAfterFall = 0;
            while (daysAfterFall < options.HorizonDays - DaysBefore && !detector.IsAlarm)
            {
                after.AddTo(detector, random);
                daysAfterFall++;
            }
            days[simulation] = detector.IsAlarm ? daysAfterFall : int.MaxValue;
        }
        Array.Sort(days);
        return new(accuracy, Quantile(days, 0.5), Quantile(days, 0.95), days.Count(day => day < int.MaxValue) / (double)Simulations);
    }

    private static int? Quantile(int[] sorted, double share) => sorted[(int)Math.Ceiling(share * sorted.Length) - 1] is < int.MaxValue and var day ? day : null;

    /// <summary>Draws the outcomes of a day: a fractional number of rows is rounded up as often as keeps the mean.</summary>
    private sealed class DailyOutcomes
    {
        private readonly int _rows;
        private readonly double _fraction;
        private readonly double[] _cumulative, _cumulativeOfOneMore;

        public DailyOutcomes(double rowsPerDay, double accuracy)
        {
            (_rows, _fraction) = ((int)Math.Min(rowsPerDay, MaximumRows), rowsPerDay < MaximumRows ? rowsPerDay % 1 : 0);
            (_cumulative, _cumulativeOfOneMore) = (CumulativeProbabilities(_rows, accuracy), CumulativeProbabilities(_rows + 1, accuracy));
        }

        public void AddTo(AccuracyDetector detector, SeededRandom random)
        {
            var hasOneMore = random.NextDouble() < _fraction;
            var cumulative = hasOneMore ? _cumulativeOfOneMore : _cumulative;
            detector.Add(Draw(cumulative, random), cumulative.Length - 1);
        }

        /// <summary>P(X &lt;= x) for x = 0..n of a binomial distribution.</summary>
        private static double[] CumulativeProbabilities(int rows, double accuracy) =>
            [.. Enumerable.Range(0, rows + 1).Select(correct => Binomial.CDF(accuracy, rows, correct))];

        private static int Draw(double[] cumulative, SeededRandom random)
        {
            var found = Array.BinarySearch(cumulative, random.NextDouble());
            return Math.Min(found < 0 ? ~found : found + 1, cumulative.Length - 1);
        }
    }
}
