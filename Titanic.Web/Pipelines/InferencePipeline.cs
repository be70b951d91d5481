using Titanic.Web.Serving;

namespace Titanic.Web.Pipelines;

/// <summary>Predicts every stream passenger without a prediction, using the champion.</summary>
public sealed class InferencePipeline(BatchInference batch) : IPipeline
{
    public async Task<string> Execute(RunContext run, CancellationToken cancellation)
    {
        var progress = run.Step("Predict the passengers without a prediction");
        var (predicted, version) = await batch.PredictUnpredicted(run.LogicalDate, run.RunId, cancellation, progress);
        run.SetCount("predicted", predicted);
        return predicted == 0
            ? "No new passengers: every stream passenger already has a prediction."
            : $"{Quantity.Of(predicted, "passenger")} predicted by champion version {version}.";
    }
}
