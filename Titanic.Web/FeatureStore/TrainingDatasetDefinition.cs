using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>What a training dataset selects; see <see cref="TrainingDataset"/> for the meaning of each part.</summary>
public sealed record TrainingDatasetDefinition(
    ITrainingView View,
    long AsOfCommitId,
    DateTimeOffset KnownBefore,
    IReadOnlyList<string> Sources,
    string SplitSalt = PersonSplit.DefaultSalt,
    double TestShare = PersonSplit.DefaultShare)
{
    /// <summary>All that was stored, and known, at a point of the store's history; nothing that was learned later.</summary>
    public static TrainingDatasetDefinition At(AsOf asOf, ITrainingView view) => new(view, asOf.CommitId, asOf.KnownBefore, PassengerSources.All);

    public static TrainingDatasetDefinition Of(TrainingDataset dataset) => new(
        TrainingViews.Of(dataset.ViewName, dataset.ViewVersion),
        dataset.AsOfCommitId, dataset.KnownBefore, dataset.Sources, dataset.SplitSalt, dataset.TestShare);

    /// <summary>What keeps it from being a definition, as a sentence; null when nothing does.</summary>
    public string? Problem() => SourcesProblem(Sources) ?? TestShareProblem(TestShare);

    internal static string? SourcesProblem(IReadOnlyCollection<string> sources)
    {
        if (sources.Count == 0)
            return $"There is no source; there must be at least one of {string.Join(", ", PassengerSources.All)}.";
        string[] unknown = [.. sources.Except(PassengerSources.All)]; // JSON may bring null among them
        return unknown.Length > 0 ? $"There is no source '{Excerpt.Truncate(unknown[0])}'; sources are {string.Join(", ", PassengerSources.All)}." : null;
    }

    internal static string? TestShareProblem(double share) => share is >= 0 and < 1
        ? null
        : FormattableString.Invariant($"The share that is held out is {share}; it must be at least 0 and less than 1.");
}

/// <summary>There is nothing to learn from yet.</summary>
public sealed class EmptyTrainingDatasetException(TrainingDatasetDefinition definition) : Exception(
    $"No labelled passenger from {string.Join(", ", definition.Sources)} is known before {definition.KnownBefore:yyyy-MM-dd} as of commit {definition.AsOfCommitId}. Backfill the passenger list first: run feature --backfill.");
