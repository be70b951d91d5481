using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Training.Selection;

/// <summary>
/// Configuration section <c>Training:Selection</c>: the grid of the hyperparameter search and its folds. Lists are comma-separated.
/// </summary>
public sealed class SelectionSettings
{
    /// <summary>
    /// Up to this many rows, views that are not finite are searched and alternative learners are compared: their time grows with rows x
    /// distinct inputs, whereas the time of a finite view hardly grows.
    /// </summary>
    public const int MaximumRowsOfUnboundedViews = 20_000;

    /// <summary>A choice is kept until the number of rows has changed by this share since its search.</summary>
    public const double RetuneGrowthThreshold = 0.1;

    /// <summary>Whether hyperparameters are searched; if false, the configured hyperparameters are used. Default true.</summary>
    public bool Enabled { get; set; } = true;
    /// <summary>Values of k, whole numbers of at least 1; default "5,7,11,17,25".</summary>
    public string K { get; set; } = "5,7,11,17,25";
    /// <summary>Distance metrics; default "Manhattan,Euclidean".</summary>
    public string Metrics { get; set; } = "Manhattan,Euclidean";
    /// <summary>Weights of the votes; default "Uniform,Distance".</summary>
    public string Weights { get; set; } = "Uniform,Distance";

    /// <summary>Feature views by encoder id; default "titanic_binned/1,titanic_numeric/1".</summary>
    public string Views { get; set; } = $"{BinnedEncoder.Id},{NumericEncoder.Id}";
    /// <summary>How often all rows are split into folds, 1..1000; default 1.</summary>
    public int Repeats { get; set; } = 1;
    /// <summary>Number of folds, at least 2; default 5.</summary>
    public int Folds { get; set; } = 5;
    /// <summary>Seed of the fold assignment; default 1912.</summary>
    public long Seed { get; set; } = 1912;

    public CrossValidationOptions ToCrossValidation() => new(Repeats, Folds, Seed);

    /// <summary>
    /// Describes everything besides the rows on which a choice depends. It is stored: choices with equal descriptions can replace each
    /// other, so the text must not change.
    /// </summary>
    public string Describe(Candidate configured) => FormattableString.Invariant(
        $"{configured}, against k {FormatList(K)} x {FormatList(Metrics)} x {FormatList(Weights)} x {FormatList(Views)}; {Repeats}x{Folds} folds, seed {Seed}; one-standard-error rule on the Brier score");

    /// <summary>The configured candidate first, then all other combinations of the lists.</summary>
    public IReadOnlyList<Candidate> Candidates(Candidate configured) =>
    [
        configured,
        .. from view in SplitList(Views).Select(id => TrainingViews.FindByEncoder(id)!)
           from metric in SplitList(Metrics).Select(item => Enum.Parse<DistanceMetric>(item, ignoreCase: true))
           from weights in SplitList(Weights).Select(item => Enum.Parse<NeighborWeights>(item, ignoreCase: true))
           from k in SplitList(K).Select(item => int.Parse(item, NumberStyles.None, CultureInfo.InvariantCulture))
           let candidate = new Candidate(view, new KnnOptions(k, metric, weights))
           where candidate != configured
           select candidate,
    ];

    /// <summary>Validates the settings.</summary>
    /// <returns>Error messages; empty if the settings are valid.</returns>
    public IEnumerable<string> Validate() => new[]
    {
        ValidateList(nameof(K), K, item => int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out var k) && k >= 1, "a whole number of at least 1"),
        ValidateList(nameof(Metrics), Metrics, IsNameOf<DistanceMetric>, ErrorText.OneOf(Enum.GetNames<DistanceMetric>())),
        ValidateList(nameof(Weights), Weights, IsNameOf<NeighborWeights>, ErrorText.OneOf(Enum.GetNames<NeighborWeights>())),
        ValidateList(nameof(Views), Views, id => TrainingViews.FindByEncoder(id) is not null, ErrorText.OneOf([.. TrainingViews.All.Select(view => view.Schema.EncoderId)])),
        ToCrossValidation().Validate() is { } problem ? $" {problem}" : null,
    }.OfType<string>().Select(problem => $"Selection:{problem}");

    private static bool IsNameOf<T>(string name)
        where T : struct, Enum => Enum.GetNames<T>().Contains(name, StringComparer.OrdinalIgnoreCase);

    private static string? ValidateList(string setting, string list, Func<string, bool> isAllowed, string allowed)
    {
        var items = SplitList(list).ToList();
        if (items.Count == 0)
            return $"{setting} is empty; it must be a comma-separated list, each item {allowed}.";
        if (items.FirstOrDefault(item => !isAllowed(item)) is { } invalid)
            return ErrorText.Invalid($"{setting}: An item", invalid, allowed);
        return items.GroupBy(item => item, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1) is { } repeated
            ? $"{setting} has \"{repeated.Key}\" more than once; each item must be unique."
            : null;
    }

    private static string FormatList(string list) => string.Join(", ", SplitList(list));

    private static IEnumerable<string> SplitList(string? list) => (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
