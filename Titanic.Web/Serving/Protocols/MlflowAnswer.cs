using System.Text.Json.Serialization;

namespace Titanic.Web.Serving.Protocols;

/// <summary>Answers as MLflow's scoring server gives them.</summary>
public sealed record MlflowAnswer(IReadOnlyList<MlflowPrediction> Predictions);

/// <summary>
/// One answer: the outputs of the model's signature in their order, as MLflow gives a data frame that a model returns, and the answer's own number.
/// </summary>
/// <param name="Probability">Of survival, 0..1.</param>
/// <param name="PredictionId">The receipt is <c>/predictions/{id}</c>; null where answers are not stored.</param>
public sealed record MlflowPrediction(
    bool Survived, double Probability, int Survivors, int Neighbors, [property: JsonPropertyName("prediction_id")] long? PredictionId)
{
    internal static MlflowPrediction Of(Prediction prediction) => new(
        prediction.Survived, prediction.Probability, prediction.Survivors, prediction.Neighbors, prediction.PredictionId == 0 ? null : prediction.PredictionId);
}
