using MathNet.Numerics.Distributions;
using Titanic.Web.Monitoring.Drift;

namespace Titanic.Benchmarks;

/// <summary>A rule of another product, written from its publication or documentation. It receives a day and says whether it raises an alarm.</summary>
internal abstract class DriftPeer
{
    /// <summary>All rules, for one quarter.</summary>
    /// <param name="reference">Training rows by feature and category; only the four inputs are used.</param>
    /// <param name="referenceAccuracy">Accuracy on held-out rows.</param>
    public static DriftPeer[] Create(long[][] reference, double referenceAccuracy) =>
    [
        new ChiSquareHolm(reference), new PopulationStability(reference), new MeanThreeDeviations(referenceAccuracy), new Ddm(), new Adwin(), new PageHinkley(),
    ];

    public static IReadOnlyList<string> Names { get; } =
        ["chi-square with Holm, 7 days, 5% a look", "PSI of 7 days >= 0.2", "7-day accuracy outside mean ± 3 sd (NannyML)", "DDM", "ADWIN, delta 0.002", "Page-Hinkley, delta 0.005, threshold 50"];

    /// <param name="categories">Rows of the day by input and row.</param>
    /// <param name="correct">Whether each prediction is correct.</param>
    public abstract bool Add(int[][] categories, bool[] correct);

    private abstract class Window(long[][] reference) : DriftPeer
    {
        private const int WindowDays = 7;
        protected const int Inputs = 4;

        private readonly Queue<int[][]> _days = new();

        protected long[][] Reference => reference;

        public override bool Add(int[][] categories, bool[] correct)
        {
            _days.Enqueue(categories);
            if (_days.Count > WindowDays)
                _days.Dequeue();
            return _days.Count == WindowDays && IsAlarm([.. Enumerable.Range(0, Inputs).Select(input =>
            {
                var counts = new long[reference[input].Length];
                foreach (var category in _days.SelectMany(day => day[input]))
                    counts[category]++;
                return counts;
            })]);
        }

        protected abstract bool IsAlarm(long[][] counts);
    }

    /// <summary>Test of homogeneity for each input; the smallest p-value is compared with 5%/4 (first step of Holm's procedure).</summary>
    private sealed class ChiSquareHolm(long[][] reference) : Window(reference)
    {
        protected override bool IsAlarm(long[][] counts) => Enumerable.Range(0, Inputs).Min(input => PValue(Reference[input], counts[input])) <= 0.05 / Inputs;

        private static double PValue(long[] first, long[] second)
        {
            double n = first.Sum(), m = second.Sum(), statistic = 0;
            var used = 0;
            for (var i = 0; i < first.Length; i++)
            {
                double both = first[i] + second[i];
                if (both == 0)
                    continue;
                used++;
                var (expectedFirst, expectedSecond) = (both * n / (n + m), both * m / (n + m));
                statistic += (Math.Pow(first[i] - expectedFirst, 2) / expectedFirst) + (Math.Pow(second[i] - expectedSecond, 2) / expectedSecond);
            }
            return used < 2 ? 1 : 1 - ChiSquared.CDF(used - 1, statistic);
        }
    }

    /// <summary>Population stability index; an empty category counts as the share 0.0001, as in Evidently.</summary>
    private sealed class PopulationStability(long[][] reference) : Window(reference)
    {
        protected override bool IsAlarm(long[][] counts) => Enumerable.Range(0, Inputs).Any(input => EffectSizes.Of(Reference[input], counts[input])!.PopulationStabilityIndex >= 0.2);
    }

    /// <summary>Accuracy of each full week, compared with mean ± 3 standard deviations of a week of that size.</summary>
    private sealed class MeanThreeDeviations(double referenceAccuracy) : DriftPeer
    {
        private readonly List<bool> _week = [];
        private int _days;

        public override bool Add(int[][] categories, bool[] correct)
        {
            _week.AddRange(correct);
            if (++_days % 7 != 0)
                return false;
            var (accuracy, rows) = (_week.Average(isCorrect => isCorrect ? 1.0 : 0), _week.Count);
            _week.Clear();
            return Math.Abs(accuracy - referenceAccuracy) > 3 * Math.Sqrt(referenceAccuracy * (1 - referenceAccuracy) / rows);
        }
    }

    private abstract class ByRow : DriftPeer
    {
        public override bool Add(int[][] categories, bool[] correct)
        {
            var isAlarm = false;
            foreach (var isCorrect in correct)
                isAlarm |= AddRow(isCorrect ? 0 : 1);
            return isAlarm;
        }

        protected abstract bool AddRow(int error);
    }

    /// <summary>J. Gama et al., "Learning with drift detection", 2004, doi:10.1007/978-3-540-28645-5_29; 30 rows at least.</summary>
    private sealed class Ddm : ByRow
    {
        private int _rows, _errors;
        private double _least = double.MaxValue, _rateAtLeast, _deviationAtLeast;

        protected override bool AddRow(int error)
        {
            (_rows, _errors) = (_rows + 1, _errors + error);
            if (_rows < 30)
                return false;
            var rate = (double)_errors / _rows;
            var deviation = Math.Sqrt(rate * (1 - rate) / _rows);
            if (rate + deviation < _least)
                (_least, _rateAtLeast, _deviationAtLeast) = (rate + deviation, rate, deviation);
            return rate + deviation > _rateAtLeast + (3 * _deviationAtLeast);
        }
    }

    /// <summary>
    /// A. Bifet and R. Gavaldà, "Learning from time-changing data with adaptive windowing", 2007, doi:10.1137/1.9781611972771.42, with
    /// all cuts between multiples of 32 rows. An alarm is a cut whose newer part has more errors.
    /// </summary>
    private sealed class Adwin : ByRow
    {
        private const double Delta = 0.002;
        private const int Step = 32;

        private readonly List<int> _errorsAtStep = [0];
        private int _rows, _errors;

        protected override bool AddRow(int error)
        {
            (_rows, _errors) = (_rows + 1, _errors + error);
            if (_rows % Step != 0)
                return false;
            _errorsAtStep.Add(_errors);
            var mean = (double)_errors / _rows;
            var logarithm = Math.Log(2 * Math.Log(_rows) / Delta);
            for (var cut = 1; cut < _errorsAtStep.Count - 1; cut++)
            {
                double older = cut * Step, newer = _rows - older;
                var inverse = (1 / older) + (1 / newer);
                var epsilon = Math.Sqrt(2 * inverse * mean * (1 - mean) * logarithm) + (2.0 / 3 * inverse * logarithm);
                if (((_errors - _errorsAtStep[cut]) / newer) - (_errorsAtStep[cut] / older) > epsilon)
                    return true;
            }
            return false;
        }
    }

    /// <summary>E. S. Page, "Continuous inspection schemes", 1954, doi:10.1093/biomet/41.1-2.100, with the defaults of River.</summary>
    private sealed class PageHinkley : ByRow
    {
        private int _rows;
        private double _mean, _sum, _least;

        protected override bool AddRow(int error)
        {
            _rows++;
            _mean += (error - _mean) / _rows;
            _sum = (0.9999 * _sum) + (error - _mean - 0.005);
            _least = Math.Min(_least, _sum);
            return _rows >= 30 && _sum - _least > 50;
        }
    }
}
