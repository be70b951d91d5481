using System.ComponentModel;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Lifecycle;

/// <summary><c>GET /api/models/compare</c>.</summary>
internal static class ComparisonApi
{
    public static void MapComparisonApi(this IEndpointRouteBuilder routes) => routes.MapGet("/api/models/compare", Compare).WithName("compareVersions")
            .WithSummary("Compare two model versions")
            .WithDescription("Predictions that flip, metrics on identical rows with paired intervals, hyperparameters, and the number of new rows.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .WithTags("Model registry").LimitCostlyReads();

    internal static async Task<Results<Ok<VersionComparison>, ProblemHttpResult>> Compare(
        [Description("A version's number, or an alias."), Example("1")] string? a,
        [Description("The other version's number, or an alias. Differences are the metric of b minus the metric of a."), Example(ModelAliases.Champion)] string? b,
        VersionComparer comparer, CancellationToken cancellation)
    {
        try
        {
            return TypedResults.Ok(await comparer.Compare(a, b, cancellation));
        }
        catch (UnknownVersionException unknown)
        {
            return TypedResults.Problem(
                $"{unknown.Side}: {unknown.Message}", statusCode: string.IsNullOrWhiteSpace(unknown.Side == "a" ? a : b) ? StatusCodes.Status400BadRequest : StatusCodes.Status404NotFound);
        }
    }
}

/// <summary>Compares any two versions: predictions, metrics on identical rows, configuration and training data.</summary>
public sealed class VersionComparer(
    TitanicDb db, ModelRegistry registry, TrainingDatasets datasets, VersionTrainingRows rows, ComparisonCache cache)
{
    /// <summary>Compares two versions. A part that cannot be computed is null, with the reason beside it.</summary>
    /// <param name="a">Number or alias of the first version.</param>
    /// <param name="b">Number or alias of the second version; it can be the same version.</param>
    /// <exception cref="UnknownVersionException">One of the versions does not exist.</exception>
    public async Task<VersionComparison> Compare(string? a, string? b, CancellationToken cancellation)
    {
        var (first, second) = (await Identify("a", a, cancellation), await Identify("b", b, cancellation));
        if (cache.Find(first, second) is not { } compared)
        {
            compared = await Compute(first.Version, second.Version, cancellation);
            cache.Add(first, second, compared);
        }
        var aliases = (await db.AliasAssignments.AsNoTracking()
            .Where(alias => alias.ModelName == ModelRegistry.ModelName && alias.EndedAt == null).ToListAsync(cancellation))
            .ToLookup(alias => alias.Version, alias => alias.Alias);
        return compared with { First = compared.First.WithAliases(aliases[first.Version]), Second = compared.Second.WithAliases(aliases[second.Version]) };
    }

    /// <summary>Everything but the aliases, which can move: versions and their training rows, as of their commits, do not change.</summary>
    private async Task<VersionComparison> Compute(int a, int b, CancellationToken cancellation)
    {
        var (first, second) = ((await registry.Find(a, cancellation))!, (await registry.Find(b, cancellation))!);
        var (firstDataset, secondDataset) = (await registry.ReadDataset(first, cancellation), await registry.ReadDataset(second, cancellation));
        var (metrics, noMetrics) = await TryCompute(() => CompareMetrics(first, firstDataset, second, secondDataset, cancellation));
        var (predictions, noPredictions) = await TryCompute(() => Task.FromResult(InputGrid.Compare(PredictingVersion.Of(first), PredictingVersion.Of(second))));
        return new VersionComparison(
            ComparedVersion.Of(first, firstDataset), ComparedVersion.Of(second, secondDataset), metrics, noMetrics, predictions, noPredictions,
            ComparedOption.Of(first, second),
            firstDataset.IsLocal && secondDataset.IsLocal ? await datasets.Difference(firstDataset, secondDataset, cancellation) : null);
    }

    /// <summary>
    /// Compares the metrics on the rows of the newer of the two training datasets of this store, by grouped cross-validation: the models
    /// are fitted once for each fold of persons without that fold, each on its own dataset. Both predict every row, and neither is fitted
    /// on the persons that it predicts.
    /// </summary>
    private async Task<MetricComparison> CompareMetrics(ModelVersion first, TrainingDataset firstDataset, ModelVersion second, TrainingDataset secondDataset, CancellationToken cancellation)
    {
        var (one, two) = (first.CreateTrainer(), second.CreateTrainer());
        var views = new[] { one.View, two.View }.Distinct().ToList();
        var newest = new[] { secondDataset, firstDataset }.Where(dataset => dataset.IsLocal).MaxBy(dataset => (dataset.AsOfCommitId, dataset.KnownBefore));
        var evaluationFolds = GroupKFold.Of(await ReadEvaluationRows());
        return MetricComparison.Of(await Predict(one, first), await Predict(two, second));

        async Task<List<ScoredRow>> Predict(IModelTrainer trainer, ModelVersion version) =>
            CrossFit.Fit(trainer, trainer.View.Schema, GroupKFold.Of(await rows.Read(version, cancellation, newest?.AsOfCommitId))).Score(evaluationFolds);

        async Task<TrainingPoints> ReadEvaluationRows()
        {
            return newest is not null ? await datasets.ReadPoints(TrainingDatasetDefinition.Of(newest), views, cancellation)
                : views.Count == 1 ? await rows.Read(second, cancellation)
                : throw new InvalidDataException("Both versions were imported with their own training rows, which can be read through their own feature view only, and the two views differ.");
        }
    }

    /// <summary>
    /// Computes one part of a comparison. An expected failure becomes a message, so that the other parts are still returned.
    /// </summary>
    private static async Task<(T? Part, string? Why)> TryCompute<T>(Func<Task<T>> compute)
        where T : class
    {
        try
        {
            return (await compute(), null);
        }
        catch (Exception reason) when (reason is InvalidDataException or TrainingFailedException or LearnerUnavailableException or ChangedFeatureViewException)
        {
            return (null, reason.Message);
        }
    }

    private async Task<VersionIdentity> Identify(string side, string? numberOrAlias, CancellationToken cancellation)
    {
        var name = numberOrAlias?.Trim() ?? "";
        if (name.Length == 0)
            throw new UnknownVersionException(side, "The version is missing; it must be a version number or an alias, such as champion.");
        var number = await registry.FindNumber(name, cancellation) ?? throw new UnknownVersionException(side, ModelRegistry.NotFoundMessage(name));
        return await db.ModelVersions.Where(version => version.Name == ModelRegistry.ModelName && version.Version == number)
            .Select(version => new VersionIdentity(version.Version, version.ArtifactSha256, version.CreatedAt)).SingleAsync(cancellation);
    }
}

/// <summary>The comparisons of this process that were computed completely, by both versions; the least recently used are removed.</summary>
public sealed class ComparisonCache : IDisposable
{
    private const int MaximumComparisons = 200;

    private readonly MemoryCache _comparisons = new(new MemoryCacheOptions { SizeLimit = MaximumComparisons });

    internal VersionComparison? Find(VersionIdentity first, VersionIdentity second) => _comparisons.Get<VersionComparison>((first, second));

    /// <summary>A comparison with a missing part is not kept, because its cause may be corrected.</summary>
    internal void Add(VersionIdentity first, VersionIdentity second, VersionComparison compared)
    {
        if (compared is { Metrics: not null, Predictions: not null })
            _comparisons.Set((first, second), compared, new MemoryCacheEntryOptions { Size = 1 });
    }

    public void Dispose() => _comparisons.Dispose();
}

/// <summary>Identifies a version and its content, also after the database was replaced by another one.</summary>
internal sealed record VersionIdentity(int Version, string ArtifactSha256, DateTimeOffset CreatedAt);

/// <summary>The comparison of two versions.</summary>
/// <param name="Metrics">The metrics on identical rows; null when they cannot be computed.</param>
/// <param name="NoMetrics">Why <paramref name="Metrics"/> is null; otherwise null.</param>
/// <param name="Predictions">The predictions; null when they cannot be computed.</param>
/// <param name="NoPredictions">Why <paramref name="Predictions"/> is null; otherwise null.</param>
/// <param name="Options">Algorithm, encoder, hyperparameters and code version of both versions, including equal values.</param>
/// <param name="Data">The difference of the training rows; null when the rows of a version are not in this store.</param>
public sealed record VersionComparison(
    ComparedVersion First, ComparedVersion Second, MetricComparison? Metrics, string? NoMetrics, [property: JsonPropertyName("answers")] PredictionComparison? Predictions, [property: JsonPropertyName("noAnswers")] string? NoPredictions,
    IReadOnlyList<ComparedOption> Options, DatasetDifference? Data);

/// <summary>One of two compared versions.</summary>
/// <param name="Aliases">The aliases that name the version now.</param>
public sealed record ComparedVersion(int Version, IReadOnlyList<string> Aliases, DateTimeOffset CreatedAt, string ArtifactSha256, TrainingDatasetResponse Dataset)
{
    internal static ComparedVersion Of(ModelVersion version, TrainingDataset dataset) =>
        new(version.Version, [], version.CreatedAt, version.ArtifactSha256, TrainingDatasetResponse.Of(dataset));

    internal ComparedVersion WithAliases(IEnumerable<string> aliases) => this with { Aliases = [.. aliases.Order(StringComparer.Ordinal)] };
}

/// <summary>One property of both versions; null when a version does not have it.</summary>
public sealed record ComparedOption(string Name, string? First, string? Second)
{
    public bool IsEqual => First == Second;

    internal static IReadOnlyList<ComparedOption> Of(ModelVersion first, ModelVersion second) =>
    [
        new("algorithm", first.Algorithm, second.Algorithm),
        new("encoder", first.Signature.EncoderId, second.Signature.EncoderId),
        .. first.Hyperparameters.Keys.Union(second.Hyperparameters.Keys).Select(name =>
            new ComparedOption(name, first.Hyperparameters.GetValueOrDefault(name), second.Hyperparameters.GetValueOrDefault(name))),
        new("code version", first.CodeVersion, second.CodeVersion),
    ];
}

/// <summary>A version that is to be compared does not exist.</summary>
/// <param name="side">The parameter that names it: "a" or "b".</param>
/// <param name="message">The error message.</param>
public sealed class UnknownVersionException(string side, string message) : Exception(message)
{
    public string Side { get; } = side;
}
