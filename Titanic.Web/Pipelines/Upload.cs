using Titanic.Web.FeatureStore;

namespace Titanic.Web.Pipelines;

/// <summary>A list that somebody sends, as a stream that is read once.</summary>
/// <param name="Source">Of its passengers; of outcomes, where their rows do not tell.</param>
/// <param name="Who">For the audit log.</param>
public sealed record Upload(Stream Body, string Source, IngestionPolicy Policy, RunTrigger Trigger, string Who, UploadFormat Format = UploadFormat.Csv);

/// <summary>What became of an upload.</summary>
/// <param name="Run">The finished record; its failure says why there is no result.</param>
/// <param name="Result">Null unless the run succeeded.</param>
public sealed record UploadResult(Run Run, IngestionResult? Result);
