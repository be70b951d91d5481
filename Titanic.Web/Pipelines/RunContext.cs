using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pipelines;

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
