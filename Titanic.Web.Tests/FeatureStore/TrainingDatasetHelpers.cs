using Titanic.Web.FeatureStore;

namespace Titanic.Web.Tests.FeatureStore;

/// <summary>Shortcuts for defining and reading training datasets in tests.</summary>
internal static class TrainingDatasetHelpers
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TrainingDatasetDefinition Definition(
        long asOf, DateOnly? knownBefore = null, IReadOnlyList<string>? sources = null, ITrainingView? view = null, double share = PersonSplit.DefaultShare) =>
        new(view ?? TrainingViews.Binned, asOf, FeatureReader.StartOf(knownBefore ?? TestWorkflow.FirstDay.AddDays(1)), sources ?? PassengerSources.All, TestShare: share);

    public static Task<List<TrainingRow>> Rows(this TestWorkflow workflow, TrainingDatasetDefinition definition) =>
        workflow.InScope<TrainingDatasets, List<TrainingRow>>(async datasets => await datasets.Rows(definition, Cancellation).ToListAsync(Cancellation));

    public static Task<TrainingPoints> Points(this TestWorkflow workflow, TrainingDatasetDefinition definition) =>
        workflow.InScope<TrainingDatasets, TrainingPoints>(datasets => datasets.ReadPoints(definition, Cancellation));

    public static Task<TrainingDataset> Describe(this TestWorkflow workflow, TrainingDatasetDefinition definition) =>
        workflow.InScope<TrainingDatasets, TrainingDataset>(datasets => datasets.Describe(definition, null, Cancellation));

    public static Task<TrainingDataset> Create(this TestWorkflow workflow, TrainingDatasetDefinition definition) =>
        workflow.InScope<TrainingDatasets, TrainingDataset>(datasets => datasets.Create(definition, "a test", Cancellation));

    public static Task<TrainingPoints> ReadVerified(this TestWorkflow workflow, TrainingDataset dataset) =>
        workflow.InScope<TrainingDatasets, TrainingPoints>(datasets => datasets.ReadVerified(dataset.TrainingDatasetId, Cancellation));

    /// <summary>The rows grouped by features, label and side, as sorted lines for comparison with weighted points.</summary>
    public static string[] Weighted(IEnumerable<TrainingRow> rows) => Sorted(rows
        .CountBy(row => (string.Join(' ', row.Features), row.Survived, row.IsHeldOut))
        .Select(counted => (counted.Key.Item1, counted.Key.Survived, counted.Key.IsHeldOut, counted.Value)));

    public static string[] Weighted(TrainingPoints dataset) => Sorted(dataset.Points
        .GroupBy(point => (string.Join(' ', point.Features), point.Survived, point.IsHeldOut))
        .Select(group => (group.Key.Item1, group.Key.Survived, group.Key.IsHeldOut, group.Sum(point => point.Rows))));

    private static string[] Sorted(IEnumerable<(string Features, bool Survived, bool HeldOut, int Rows)> points) =>
        [.. points.Select(point => point.ToString()).Order(StringComparer.Ordinal)];
}
