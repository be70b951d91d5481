using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pipelines;

/// <summary>
/// A pipeline tells a story in a few named steps and leaves records, timing, locking and errors to <see cref="PipelineRunner"/>.
/// Running it twice for the same day must change nothing the second time.
/// </summary>
public interface IPipeline
{
    /// <returns>One sentence on what was done.</returns>
    Task<string> Execute(RunContext run, CancellationToken cancellation);
}

/// <summary>What a pipeline knows of its run, and the way to tell about it.</summary>
public sealed class RunContext(Run run, Func<string, Task> writeLog)
{
    public long RunId => run.RunId;
    public DateOnly LogicalDate => run.LogicalDate!.Value;
    public string? Backfill => run.Backfill;
    public IngestionPolicy Policy => run.Policy ?? IngestionPolicy.Always;

    /// <summary>The commit or the time to look back to, as it was asked; null means the newest.</summary>
    public string? AsOf => run.AsOf;

    /// <summary>The learner of ML.NET to register instead of the K-NN; null means the K-NN.</summary>
    public string? Challenger => run.Challenger;
    public Provenance Provenance => new(run.RunId, run.CodeVersion);

    /// <summary>Adds a line to the run's page.</summary>
    public Task Log(string message) => writeLog(message);

    /// <summary>Sets a figure that the run's page shows.</summary>
    public void Count(string name, long value) => run.Counts[name] = value;

    /// <summary>Sets the figures of an ingestion and logs its warnings.</summary>
    public async Task Report(IngestionResult result)
    {
        Count("inserted", result.Inserted);
        Count("updated", result.Updated);
        Count("unchanged", result.Unchanged);
        Count("rejected", result.Rejected);
        Count("outcomes", result.OutcomesRecorded);
        foreach (var warning in result.Warnings)
            await Log(warning);
    }
}

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

/// <summary>The pipelines: four that a day goes through, and one that looks after the models at night.</summary>
public static class PipelineNames
{
    public const string Feature = "feature";
    public const string Inference = "inference";
    public const string Training = "training";
    public const string Monitoring = "monitoring";
    public const string Audit = "audit";

    /// <summary>What a day goes through, in this order; what is simulated is no more than these.</summary>
    public static IReadOnlyList<string> OfADay { get; } = [Feature, Inference, Training, Monitoring];

    public static IReadOnlyList<string> InOrder { get; } = [.. OfADay, Audit];

    /// <summary>The pipeline that must have finished a day before this one may take it; null for the first, and for the audit, which asks versions and not days.</summary>
    public static string? UpstreamOf(string pipeline) => pipeline switch
    {
        Inference => Feature,
        Training or Monitoring => Inference,
        _ => null,
    };

    /// <summary>Whether a missed day is made good by the next: a model of today knows all that one of yesterday would, and an audit looks at all versions in turn.</summary>
    public static bool TakesOnlyTheLatestDay(string pipeline) => pipeline is Training or Audit;

    /// <summary>The Hangfire queue that carries a pipeline's runs.</summary>
    public static string QueueOf(string pipeline) => pipeline == Feature ? "features" : pipeline;
}

internal sealed class PipelineNameAttribute() : OneOfAttribute([.. PipelineNames.InOrder]);
