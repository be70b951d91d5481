using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;

namespace Titanic.Web.Pipelines.Ingest;

/// <summary>
/// Queues inference for passengers that were sent to the API, so that they are predicted at once and training can use them. Passengers of
/// historical sources are learned without a prediction.
/// </summary>
public sealed partial class UploadInference(
    RunQueue queue, PipelineRunner runner, ModelRegistry registry, IOptions<PipelineSchedule> schedule, ILogger<UploadInference> log)
{
    /// <param name="upload">The upload, whose rows are committed.</param>
    /// <returns>
    /// The id of the queued run; null if no new passenger needs a prediction, without a champion, and if the setting
    /// <c>Schedule:InferenceOnUpload</c> is false.
    /// </returns>
    public async Task<long?> Enqueue(Upload upload, long runId, IngestionResult result)
    {
        if (!schedule.Value.InferenceOnUpload || upload.Kind != UploadKind.Passengers || result.Inserted == 0 || !PassengerSources.Streams.Contains(upload.Source))
            return null;
        try
        {
            // Not canceled by the caller: the rows are committed.
            if (await registry.FindChampion(CancellationToken.None) is null)
                return null;
            var run = await queue.EnqueueInferenceFor(runId, upload.Caller, CancellationToken.None);
            await runner.Log(runId, $"Inference run {run.RunId} is queued.", CancellationToken.None);
            return run.RunId;
        }
        catch (Exception failure) // the upload has succeeded; the scheduled inference run predicts its passengers
        {
            LogNotQueued(failure, runId);
            return null;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Inference for the passengers of run {RunId} was not queued; the scheduled run predicts them")]
    private partial void LogNotQueued(Exception failure, long runId);
}
