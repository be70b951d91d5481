namespace Titanic.Web.Training.Evaluation;

/// <summary>
/// The text of metrics for people, by their keys in stored evaluations: proportions in percent with one decimal, their uncertainty and
/// differences in percentage points; all other metrics, their uncertainty and differences with three decimals.
/// </summary>
public static class MetricFormat
{
    /// <summary>"80.5%", "0.142".</summary>
    public static string Value(string key, double? value) => IsProportion(key) ? Format.Percent(value) : Format.ThreeDecimals(value);

    /// <summary>A value with its standard deviation or standard error: "80.5% ± 0.5 points", "0.142 ± 0.003".</summary>
    public static string WithSpread(string key, double? value, double? spread) =>
        value is null || spread is null ? Value(key, value) : $"{Value(key, value)} {Spread(key, spread)}";

    /// <summary>A value with its interval, or else with its spread: "80.5% (78.3% to 82.6%)".</summary>
    public static string WithUncertainty(string key, MetricValue? metric) => metric is { Low: { } low, High: { } high }
        ? $"{Value(key, metric.Value)} ({Interval(key, low, high)})"
        : WithSpread(key, metric?.Value, metric?.Spread);

    /// <summary>The uncertainty of a metric: an interval, a standard deviation over repeats, both or null.</summary>
    public static string? Uncertainty(string key, MetricValue? metric) => metric switch
    {
        { Low: { } low, High: { } high, Spread: { } spread } => $"{Interval(key, low, high)}; {Spread(key, spread)}",
        { Low: { } low, High: { } high } => Interval(key, low, high),
        { Spread: { } spread } => Spread(key, spread),
        _ => null,
    };

    /// <summary>A paired difference with its interval: "+0.9 points (+0.1 to +1.7)", "−0.012 (−0.020 to −0.004)".</summary>
    public static string Difference(string key, MetricValue? difference)
    {
        return difference is null
            ? Format.Missing
            : $"{Text(difference.Value)}{Unit(key)} ({Text(difference.Low)} to {Text(difference.High)})";

        string Text(double? value) => IsProportion(key) ? Format.PointDifference(value) : Format.Difference(value);
    }

    private static string Interval(string key, double low, double high) => $"{Value(key, low)} to {Value(key, high)}";

    private static string Spread(string key, double? spread) =>
        $"± {(IsProportion(key) ? Format.Points(spread) : Format.ThreeDecimals(spread))}{Unit(key)}";

    private static string Unit(string key) => IsProportion(key) ? " points" : "";

    private static bool IsProportion(string key) =>
        key is "accuracy" or "balancedAccuracy" or "precision" or "recall" or "specificity" or "f1";
}
