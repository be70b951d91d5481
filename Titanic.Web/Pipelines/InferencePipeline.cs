using Titanic.Web.Serving;

namespace Titanic.Web.Pipelines;

/// <summary>Everybody of the stream who has no prediction yet gets one from the champion.</summary>
public sealed class InferencePipeline(BatchInference batch) : IPipeline
{
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        var (predicted, version) = await batch.PredictUnpredicted(run.LogicalDate, run.RunId, cancellation);
        run.Count("predicted", predicted);
        return predicted == 0
            ? "Nobody new: every passenger of the stream has a prediction already."
            : $"{predicted} passengers predicted by champion version {version}.";
    }
}
