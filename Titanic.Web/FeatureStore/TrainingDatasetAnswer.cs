namespace Titanic.Web.FeatureStore;

/// <summary>A training dataset as the API gives it; see <see cref="TrainingDataset"/> for the meaning of each part.</summary>
public sealed record TrainingDatasetAnswer(
    long Id, string View, int Version, long AsOfCommitId, DateTimeOffset KnownBefore, IReadOnlyList<string> Sources, double TestShare, string Salt,
    int Rows, int Survivors, int HeldOutRows, string Sha256, DateTimeOffset CreatedAt, long? RunId)
{
    internal static TrainingDatasetAnswer Of(TrainingDataset dataset) => new(
        dataset.TrainingDatasetId, dataset.ViewName, dataset.ViewVersion, dataset.AsOfCommitId, dataset.KnownBefore, dataset.Sources, dataset.TestShare,
        dataset.SplitSalt, dataset.Rows, dataset.Survivors, dataset.HeldOutRows, dataset.Sha256, dataset.CreatedAt, dataset.RunId);
}

/// <summary>Training datasets, newest first.</summary>
/// <param name="Next">The address of the next page; null on the last.</param>
public sealed record TrainingDatasetPage(IReadOnlyList<TrainingDatasetAnswer> TrainingDatasets, string? Next);

/// <summary>A training dataset as it was stored, and as its definition reads now.</summary>
public sealed record TrainingDatasetComparisonAnswer(
    long Id, bool IsEqual, string StoredSha256, string ReadSha256, int StoredRows, int ReadRows, int StoredSurvivors, int ReadSurvivors, double DurationInSeconds)
{
    internal static TrainingDatasetComparisonAnswer Of(TrainingDatasetComparison compared) => new(
        compared.TrainingDatasetId, compared.IsEqual, compared.StoredSha256, compared.ReadSha256, compared.StoredRows, compared.ReadRows,
        compared.StoredSurvivors, compared.ReadSurvivors, compared.Duration.TotalSeconds);
}
