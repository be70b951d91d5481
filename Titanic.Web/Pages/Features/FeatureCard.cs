using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pages.Features;

/// <summary>One feature of two scopes side by side: a histogram in shares of rows, since the scopes differ in size, and the figures.</summary>
/// <param name="Reference">Null while no row of its scope has come, like <paramref name="Current"/>.</param>
public sealed record FeatureCard(Feature Feature, FeatureStatistics? Reference, FeatureStatistics? Current)
{
    private const int TopValuesShown = 3;

    public string Title =>
        Feature == FeatureGroup.Pclass ? "Class" : Feature == FeatureGroup.Sex ? "Sex"
        : Feature == FeatureGroup.Age ? "Age, years" : Feature == FeatureGroup.Fare ? "Ticket price, pounds" : "Outcome";

    /// <summary>The bins up to the last one with rows, and one for what is missing, where something is.</summary>
    public IReadOnlyList<CardBin> Bins
    {
        get
        {
            var bins = FeatureBins.Of(Feature).Bins.Select(bin => Bin(bin.Name, bin.RowsOf(Reference), bin.RowsOf(Current))).ToList();
            while (bins.Count > 0 && bins[^1] is { Reference: null or 0, Current: null or 0 })
                bins.RemoveAt(bins.Count - 1);
            if (Reference is { NumNullValues: > 0 } || Current is { NumNullValues: > 0 })
                bins.Add(Bin("missing", Reference?.NumNullValues, Current?.NumNullValues));
            return bins;
        }
    }

    /// <summary>"years", "pounds"; null where the values are no measure.</summary>
    public string? Unit => Feature == FeatureGroup.Age ? "years" : Feature == FeatureGroup.Fare ? "pounds" : null;

    public IReadOnlyList<CardFigure> Figures =>
    [
        Figure("Rows", s => Format.Count(s.Count)),
        Figure("Missing", s => $"{Format.Percent(1 - s.Completeness)} ({Format.Count(s.NumNullValues)})"),
        Figure(MeanName, s => s.Mean is null ? Format.Nothing : $"{Format.Hundredths(s.Mean)} ± {Format.Hundredths(s.StdDev)}"),
        .. Feature.IsNumeric
            ? (CardFigure[])
            [
                Figure("Median", s => s.Percentiles is { } found ? Value(found[Median]) : Format.Nothing),
                Figure("Least to greatest", s => s.Min is null ? Format.Nothing : $"{Value(s.Min.Value)} to {Value(s.Max!.Value)}"),
            ]
            : [],
        Figure("Different values", s => Format.Count(s.ApproxNumDistinctValues)),
        new CardFigure("Most frequent", TopValues(Reference), TopValues(Current)),
        .. Feature == FeatureGroup.Survived ? (CardFigure[])[] : [Figure("Correlation with survival", s => Format.Number(s.CorrelationWithOutcome))],
    ];

    /// <summary>Rows, share of missing values, mean, least and greatest value from the first scope to the second: "184 → 186".</summary>
    public IReadOnlyList<string> Steps =>
    [
        Step(s => Format.Count(s.Count)),
        Step(s => Format.Percent(1 - s.Completeness)),
        Step(s => Format.Hundredths(s.Mean)),
        Step(s => Feature.IsNumeric && s.Min is { } least ? Value(least) : Format.Nothing),
        Step(s => Feature.IsNumeric && s.Max is { } greatest ? Value(greatest) : Format.Nothing),
    ];

    private static int Median => FeatureStatistics.PercentileRanks.ToList().IndexOf(50);

    private string MeanName =>
        Feature == FeatureGroup.Sex ? "Mean ± sd (female = 1)" : Feature == FeatureGroup.Survived ? "Mean ± sd (survived = 1)" : "Mean ± sd";

    private string Value(double value) => FeatureBins.NameOf(Feature, value);

    private CardBin Bin(string name, long? reference, long? current) => new(name, reference, current, Share(reference, Reference), Share(current, Current));

    private CardFigure Figure(string name, Func<FeatureStatistics, string> text) =>
        new(name, [Reference is null ? Format.Nothing : text(Reference)], [Current is null ? Format.Nothing : text(Current)]);

    private string Step(Func<FeatureStatistics, string> text) =>
        PassengerText.Step(Reference is null ? Format.Nothing : text(Reference), Current is null ? Format.Nothing : text(Current));

    private IReadOnlyList<string> TopValues(FeatureStatistics? of) => of is { TopValues.Count: > 0 }
        ? [.. of.TopValues.Take(TopValuesShown).Select(top => $"{Value(top.Value)} ({Format.Percent(Share(top.Rows, of))})")]
        : [Format.Nothing];

    private static double? Share(long? rows, FeatureStatistics? of) => of is { Count: > 0 } ? (double?)rows / of.Count : null;
}

/// <param name="ReferenceShare">0..1 of all rows of the scope, those without a value included; null where there are none.</param>
public sealed record CardBin(string Name, long? Reference, long? Current, double? ReferenceShare, double? CurrentShare);

/// <param name="Reference">One or more lines, like <paramref name="Current"/>.</param>
public sealed record CardFigure(string Name, IReadOnlyList<string> Reference, IReadOnlyList<string> Current);

/// <summary>A feature's card with the names of its two scopes, as the partial <c>_FeatureCard</c> shows it.</summary>
public sealed record ComparedFeature(FeatureCard Card, string Reference, string Current);

/// <summary>
/// How people see a feature's values: names instead of codes, and bins as coarse as the eye needs. Statistics are kept finer, so these
/// bins can change without counting anything again.
/// </summary>
/// <param name="Bins">In order; each gathers bins of <see cref="FeatureStatistics.Histogram"/>.</param>
public sealed record FeatureBins(IReadOnlyList<FeatureBin> Bins)
{
    /// <summary>Five years each, one bin above the oldest of history.</summary>
    private static readonly double[] _ages = [.. Enumerable.Range(0, 17).Select(fives => fives * 5.0), FeatureGroup.Age.HistogramEdges[^1]];

    /// <summary>Narrow where tickets were: half of all cost less than 15 pounds.</summary>
    private static readonly double[] _fares = [0, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 250, 300, 600, FeatureGroup.Fare.HistogramEdges[^1]];

    public static FeatureBins Of(Feature feature)
    {
        if (feature == FeatureGroup.Age)
            return Gathered(feature, _ages);
        if (feature == FeatureGroup.Fare)
            return Gathered(feature, _fares);
        return new FeatureBins([.. feature.HistogramEdges.Select((value, bin) => new FeatureBin(NameOf(feature, value), bin, bin + 1))]);
    }

    /// <summary>"female", "2nd class", "£7.75", "24".</summary>
    public static string NameOf(Feature feature, double value)
    {
        if (feature == FeatureGroup.Sex)
            return SexConverter.Format((Sex)value);
        if (feature == FeatureGroup.Survived)
            return value == 1 ? "survived" : "died";
        if (feature == FeatureGroup.Pclass)
            return value switch { 1 => "1st class", 2 => "2nd class", _ => "3rd class" };
        return feature == FeatureGroup.Fare ? Format.Pounds(value) : Format.Years(value);
    }

    /// <exception cref="ArgumentException">An edge is none of the feature's: its rows could not be told apart.</exception>
    private static FeatureBins Gathered(Feature feature, double[] edges)
    {
        var places = edges.Select(edge => Array.IndexOf(feature.HistogramEdges, edge)).ToList();
        if (places.Contains(-1))
            throw new ArgumentException($"The edges {string.Join(", ", edges)} must be among those that statistics of {feature.Name} are kept by.", nameof(edges));
        return new FeatureBins(
        [
            .. edges.Zip(edges.Skip(1)).Select((edge, i) => new FeatureBin(
                i == edges.Length - 2 ? $"{Format.Years(edge.First)}+" : $"{Format.Years(edge.First)}–{Format.Years(edge.Second)}", places[i], places[i + 1])),
        ]);
    }
}

/// <param name="First">Of the statistics' bins, from 0.</param>
/// <param name="End">Exclusive.</param>
public sealed record FeatureBin(string Name, int First, int End)
{
    /// <summary>Null without statistics.</summary>
    public long? RowsOf(FeatureStatistics? statistics) => statistics?.Histogram[First..End].Sum();
}
