using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pipelines;

/// <summary>What should run.</summary>
/// <param name="LogicalDate">The UTC day; ignored by a backfill and by a training that looks back, which are not a day's own runs.</param>
/// <param name="Backfill">For the feature pipeline: a file or an address to read instead of the day's stream; or, in words, what the asker sends.</param>
/// <param name="Policy">For a backfill: what broken expectations lead to; null means <see cref="IngestionPolicy.Always"/>.</param>
/// <param name="AsOf">For training: the commit or the time whose store is learned; null means the newest.</param>
/// <param name="Challenger">For training: the learner of ML.NET to register instead of the K-NN; null means the K-NN.</param>
public sealed record RunRequest(
    string Pipeline, DateOnly LogicalDate, RunTrigger Trigger, string? Backfill = null, IngestionPolicy? Policy = null, string? AsOf = null, string? Challenger = null)
{
    /// <summary>Names the passenger list that comes with the product.</summary>
    public const string BundledDataset = "shipped";
}
