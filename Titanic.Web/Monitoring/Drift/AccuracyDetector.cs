using MathNet.Numerics.Distributions;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Monitoring.Drift;

/// <summary>
/// Sequential test of "the accuracy is at least p0" with a guaranteed rate of false alarms: a Shiryaev-Roberts e-detector. J. Shin,
/// A. Ramdas and A. Rinaldo, "E-detectors: a nonparametric framework for sequential change detection", 2024, doi:10.51387/23-NEJSDS51.
/// </summary>
/// <remarks>
/// <para>For each accuracy q below p0, a day of n predictions of which c are correct has the e-value
/// E = (q/p0)^c ((1-q)/(1-p0))^(n-c), whose expectation is at most 1 while the accuracy is at least p0. The statistic is
/// R = (R + 1) E, so that E[R] is at most the number of looks, and the detector's value is the mean of R over all q.</para>
/// <para>p0 is the 99% lower Clopper-Pearson bound of the accuracy on held-out rows: it is above the accuracy with probability 1%. If it is
/// not, the probability that the value reaches T/(α - 0.01) within T looks is at most α - 0.01 (Doob's inequality for the supermartingale
/// R - t). Together: at most α of the horizons without a fall have an alarm, whatever the daily number of predictions.</para>
/// </remarks>
public sealed class AccuracyDetector
{
    /// <summary>Probability that the lower bound of the accuracy on held-out rows is above the accuracy.</summary>
    public const double BaselineErrorRate = 0.01;

    private readonly double[] _alternatives;
    private readonly double[] _logStatistics;

    /// <param name="baseline">p0, see <see cref="BaselineOf"/>; above 0 and below 1.</param>
    /// <param name="options">Alternatives, horizon and α.</param>
    /// <param name="logStatistics">ln R of each alternative after the previous look; null to start with R = 0.</param>
    /// <exception cref="ArgumentException">The baseline is out of range, or the number of statistics is not that of the alternatives.</exception>
    public AccuracyDetector(double baseline, DriftOptions options, IReadOnlyList<double>? logStatistics = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(baseline, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(baseline, 1);
        Baseline = baseline;
        _alternatives = AlternativesOf(baseline, options);
        if (logStatistics is not null && logStatistics.Count != _alternatives.Length)
            throw new ArgumentException($"There are {_alternatives.Length} alternatives, but {logStatistics.Count} statistics.", nameof(logStatistics));
        _logStatistics = logStatistics is null ? [.. _alternatives.Select(_ => double.NegativeInfinity)] : [.. logStatistics];
        LogThreshold = Math.Log(options.HorizonDays / (options.FalseAlarmRate - BaselineErrorRate));
    }

    /// <summary>p0: the accuracy below which an alarm is wanted.</summary>
    public double Baseline { get; }

    /// <summary>ln R of each alternative, in the order of the options; -∞ before the first look.</summary>
    public IReadOnlyList<double> LogStatistics => _logStatistics;

    /// <summary>ln of the mean of R over the alternatives.</summary>
    public double LogValue => LogSum.Of(_logStatistics) - Math.Log(_logStatistics.Length);

    /// <summary>ln(T/(α - 0.01)): the value at which the detector raises an alarm.</summary>
    public double LogThreshold { get; }

    public bool IsAlarm => LogValue >= LogThreshold;

    /// <summary>
    /// The 99% lower Clopper-Pearson bound of an accuracy: C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits
    /// illustrated in the case of the binomial", 1934, doi:10.1093/biomet/26.4.404.
    /// </summary>
    /// <param name="heldOut">Correct predictions for held-out rows; at least 1 row.</param>
    /// <returns>0..1; 0 without a correct prediction.</returns>
    public static double BaselineOf(Proportion heldOut)
    {
        ArgumentOutOfRangeException.ThrowIfZero(heldOut.Trials, nameof(heldOut));
        return heldOut.Successes == 0 ? 0 : Beta.InvCDF(heldOut.Successes, heldOut.Trials - heldOut.Successes + 1, BaselineErrorRate);
    }

    /// <summary>Adds one look; a look without outcomes leaves the statistics as they are.</summary>
    /// <param name="correct">Correct predictions among the outcomes that arrived since the previous look, 0..<paramref name="rows"/>.</param>
    /// <param name="rows">Outcomes that arrived since the previous look.</param>
    public void Add(int correct, int rows)
    {
        if (rows == 0)
            return;
        for (var i = 0; i < _alternatives.Length; i++)
        {
            var logE = (correct * Math.Log(_alternatives[i] / Baseline)) + ((rows - correct) * Math.Log((1 - _alternatives[i]) / (1 - Baseline)));
            _logStatistics[i] = LogSum.Of([_logStatistics[i], 0]) + logE;
        }
    }

    /// <summary>The accuracies q = p0 - fall, as far as they are above 0; at least half of p0, so that there is always one.</summary>
    private static double[] AlternativesOf(double baseline, DriftOptions options) =>
        options.Falls.Select(fall => baseline - fall).Where(accuracy => accuracy > 0).ToArray() is { Length: > 0 } falls ? falls : [baseline / 2];
}

/// <summary>Sums of values that are given by their logarithms.</summary>
internal static class LogSum
{
    /// <summary>ln Σ exp(x), without overflow; -∞ for no values.</summary>
    public static double Of(ReadOnlySpan<double> logarithms)
    {
        var maximum = double.NegativeInfinity;
        foreach (var x in logarithms)
            maximum = Math.Max(maximum, x);
        if (double.IsInfinity(maximum))
            return maximum;
        var sum = 0.0;
        foreach (var x in logarithms)
            sum += Math.Exp(x - maximum);
        return maximum + Math.Log(sum);
    }
}
