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
