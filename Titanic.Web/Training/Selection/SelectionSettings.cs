using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Selection;

/// <summary>Configuration section <c>Training:Selection</c>: what is searched, and how it is measured. Lists are comma-separated.</summary>
public sealed class SelectionSettings
{
    /// <summary>
    /// Views that are not finite are tried, and challengers measured, only up to so many rows: their time grows with rows times distinct
    /// inputs, while that of a finite view hardly grows at all.
    /// </summary>
    public const int MostRowsOfInfiniteViews = 20_000;

    /// <summary>A choice is kept until the data have grown, or shrunk, by this share since its search.</summary>
    public const double GrowthToSearchAgain = 0.1;

    /// <summary>False: the configured settings are taken as they are.</summary>
    public bool Enabled { get; set; } = true;
    public string K { get; set; } = "5,7,11,17,25";
    public string Metrics { get; set; } = "Manhattan,Euclidean";
    public string Weights { get; set; } = "Uniform,Distance";

    /// <summary>Views by their encoders' ids.</summary>
    public string Views { get; set; } = $"{BinnedEncoder.Id},{NumericEncoder.Id}";
    public int Repeats { get; set; } = 1;
    public int Folds { get; set; } = 5;
    public long Seed { get; set; } = 1912;

    public CrossValidationOptions ToCrossValidation() => new(Repeats, Folds, Seed);

    /// <summary>All that a choice depends on besides the rows, in words: choices made with equal words stand in for each other.</summary>
    public string Describe(Candidate configured) => FormattableString.Invariant(
        $"{configured}, against k {List(K)} x {List(Metrics)} x {List(Weights)} x {List(Views)}; {Repeats}x{Folds} folds, seed {Seed}; one-standard-error rule on the Brier score");

    /// <summary>The configured candidate first, then every other combination of the lists.</summary>
    public IReadOnlyList<Candidate> Candidates(Candidate configured) =>
    [
        configured,
        .. from view in Words(Views).Select(id => TrainingViews.OfEncoder(id)!)
           from metric in Words(Metrics).Select(word => Enum.Parse<DistanceMetric>(word, ignoreCase: true))
           from weights in Words(Weights).Select(word => Enum.Parse<NeighborWeights>(word, ignoreCase: true))
           from k in Words(K).Select(word => int.Parse(word, NumberStyles.None, CultureInfo.InvariantCulture))
           let candidate = new Candidate(view, new KnnOptions(k, metric, weights))
           where candidate != configured
           select candidate,
    ];

    /// <summary>Sentences saying what is wrong; none for settings that can be searched.</summary>
    public IEnumerable<string> Problems() => new[]
    {
        ListProblem("k", K, word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var k) && k >= 1, "a whole number of at least 1"),
        ListProblem("metric", Metrics, IsNameOf<DistanceMetric>, string.Join(" or ", Enum.GetNames<DistanceMetric>())),
        ListProblem("kind of weights", Weights, IsNameOf<NeighborWeights>, string.Join(" or ", Enum.GetNames<NeighborWeights>())),
        ListProblem("view", Views, id => TrainingViews.OfEncoder(id) is not null, string.Join(" or ", TrainingViews.All.Select(view => view.Schema.EncoderId))),
        ToCrossValidation().Problem(),
    }.OfType<string>().Select(problem => $"Selection: {problem}");

    private static bool IsNameOf<T>(string word)
        where T : struct, Enum => Enum.GetNames<T>().Contains(word, StringComparer.OrdinalIgnoreCase);

    private static string? ListProblem(string what, string list, Func<string, bool> isAllowed, string allowed)
    {
        var words = Words(list).ToList();
        if (words.Count == 0)
            return $"There is no {what} to try; there must be at least one, {allowed}.";
        if (words.FirstOrDefault(word => !isAllowed(word)) is { } wrong)
            return $"'{wrong}' is no {what} to try; it must be {allowed}.";
        return words.GroupBy(word => word, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? $"'{twice.Key}' stands twice among what to try; once is enough."
            : null;
    }

    private static string List(string words) => string.Join(", ", Words(words));

    private static IEnumerable<string> Words(string? list) => (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
