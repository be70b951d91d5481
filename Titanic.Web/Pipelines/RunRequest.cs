namespace Titanic.Web.Pipelines;

/// <summary>What should run.</summary>
/// <param name="LogicalDate">The UTC day; ignored by a backfill.</param>
/// <param name="Backfill">For the feature pipeline: a file or an address to read instead of the day's stream.</param>
public sealed record RunRequest(string Pipeline, DateOnly LogicalDate, RunTrigger Trigger, string? Backfill = null)
{
    /// <summary>Names the passenger list that comes with the product.</summary>
    public const string ShippedList = "shipped";
}
