using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
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
            .WithDescription("Predictions that flip, metrics on identical rows with paired intervals, settings, and how many rows are new.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .WithTags("Model registry");

    internal static async Task<Results<Ok<VersionComparison>, ProblemHttpResult>> Compare(
        [Description("A version's number, or an alias."), Example("1")] string? a,
        [Description("Another; differences are its metric minus the first's."), Example(ModelAliases.Champion)] string? b,
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

/// <summary>Compares any two versions: what they say, how good that is on identical rows, what they were made with and of.</summary>
public sealed class VersionComparer(TitanicDb db, ModelRegistry registry, TrainingDatasets datasets, RowsOfVersion rows)
{
    /// <param name="a">A version's number, or an alias.</param>
    /// <param name="b">Another, or the same.</param>
    /// <exception cref="UnknownVersionException">One of them is not there.</exception>
    public async Task<VersionComparison> Compare(string? a, string? b, CancellationToken cancellation)
    {
        var aliases = await db.AliasAssignments.AsNoTracking()
            .Where(alias => alias.ModelName == ModelRegistry.ModelName && alias.EndedAt == null).ToListAsync(cancellation);
        var (first, second) = (await Find("a", a, cancellation), await Find("b", b, cancellation));
        var (learned, other) = (await registry.DatasetOf(first, cancellation), await registry.DatasetOf(second, cancellation));
        var (metrics, noMetrics) = await Told(() => Measure(first, learned, second, other, cancellation));
        var (answers, noAnswers) = await Told(() => Task.FromResult(AnswerGrid.Compare(AnsweringVersion.Of(first), AnsweringVersion.Of(second))));
        return new VersionComparison(
            Described(first, learned), Described(second, other), metrics, noMetrics, answers, noAnswers,
            ComparedOption.Of(first, second), learned.IsOfThisStore && other.IsOfThisStore ? await datasets.Difference(learned, other, cancellation) : null);

        ComparedVersion Described(ModelVersion version, TrainingDataset dataset) =>
            ComparedVersion.Of(version, dataset, aliases.Where(alias => alias.Version == version.Version).Select(alias => alias.Alias));
    }

    /// <summary>
    /// On the rows of the newer of the two datasets, as far as they are of this store. Each version's learner is fitted anew for each fold of
    /// people, without them, on its own dataset; so both answer every row, and neither has learned any that it answers.
    /// </summary>
    private async Task<MetricComparison> Measure(ModelVersion first, TrainingDataset learned, ModelVersion second, TrainingDataset other, CancellationToken cancellation)
    {
        var (one, two) = (first.CreateTrainer(), second.CreateTrainer());
        var views = new[] { one.View, two.View }.Distinct().ToList();
        var asked = GroupKFold.Of(await AskedRows());
        return MetricComparison.Of(await Answers(one, first), await Answers(two, second));

        async Task<List<ScoredRow>> Answers(IModelTrainer trainer, ModelVersion version) =>
            CrossFit.Of(trainer, trainer.View.Schema, GroupKFold.Of(await rows.Read(version, cancellation))).Score(asked);

        async Task<TrainingPoints> AskedRows()
        {
            var newest = new[] { other, learned }.Where(dataset => dataset.IsOfThisStore).MaxBy(dataset => (dataset.AsOfCommitId, dataset.KnownBefore));
            return newest is not null ? await datasets.ReadPoints(TrainingDatasetDefinition.Of(newest), views, cancellation)
                : views.Count == 1 ? await rows.Read(second, cancellation)
                : throw new InvalidDataException("Both versions came with rows of their own, which can be read through their own view only; the two views differ.");
        }
    }

    /// <summary>What cannot be told for a reason that a person can understand is a sentence and no error: the rest still stands.</summary>
    private static async Task<(T? Part, string? Why)> Told<T>(Func<Task<T>> work)
        where T : class
    {
        try
        {
            return (await work(), null);
        }
        catch (Exception reason) when (reason is InvalidDataException or TrainingRefusedException or LearnerUnavailableException or ChangedFeatureViewException)
        {
            return (null, reason.Message);
        }
    }

    private async Task<ModelVersion> Find(string side, string? asked, CancellationToken cancellation)
    {
        var name = asked?.Trim() ?? "";
        if (name.Length == 0)
            throw new UnknownVersionException(side, "Nothing was given; it must be a version's number or an alias, such as champion.");
        return await registry.Find(name, cancellation) ?? throw new UnknownVersionException(side, ModelRegistry.Missing(name));
    }
}

/// <summary>Any two versions side by side. Where a part cannot be told, a sentence says why.</summary>
/// <param name="Metrics">Null where <paramref name="NoMetrics"/> says why.</param>
/// <param name="Answers">Null where <paramref name="NoAnswers"/> says why.</param>
/// <param name="Options">What the two were made with; equal ones too.</param>
/// <param name="Data">Whom the two have learned; null where one of them came with rows that are not of this store.</param>
public sealed record VersionComparison(
    ComparedVersion First, ComparedVersion Second, MetricComparison? Metrics, string? NoMetrics, AnswerComparison? Answers, string? NoAnswers,
    IReadOnlyList<ComparedOption> Options, DatasetDifference? Data);

/// <param name="Aliases">That name the version now.</param>
public sealed record ComparedVersion(int Version, IReadOnlyList<string> Aliases, DateTimeOffset CreatedAt, string ArtifactSha256, TrainingDatasetAnswer Dataset)
{
    internal static ComparedVersion Of(ModelVersion version, TrainingDataset dataset, IEnumerable<string> aliases) =>
        new(version.Version, [.. aliases.Order(StringComparer.Ordinal)], version.CreatedAt, version.ArtifactSha256, TrainingDatasetAnswer.Of(dataset));
}

/// <summary>One setting of both; null where a version has none of the name.</summary>
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

/// <summary>Somebody asked for a version that is not there.</summary>
/// <param name="side">"a" or "b".</param>
public sealed class UnknownVersionException(string side, string message) : Exception(message)
{
    public string Side { get; } = side;
}
