using System.Text.Json.Serialization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving;

/// <summary>An answer as the API gives it.</summary>
/// <param name="Id">Its row in the predictions table; the receipt is <c>/predictions/{id}</c>. Null where answers are not stored.</param>
/// <param name="Probability">Of survival, 0..1.</param>
/// <param name="Encoder">Whose values <paramref name="Encoded"/> are: what the model saw.</param>
public record PredictionAnswer(
    long? Id, bool Survived, double Probability, int Survivors, int Neighbors, int ModelVersion,
    int Pclass, string Sex, double? Age, double? Fare, string Encoder, IReadOnlyList<EncodedValue> Encoded, string Source, DateTimeOffset CreatedAt)
{
    /// <summary>Only when it was asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ExplainedAnswer? Explanation { get; init; }

    /// <param name="view">That of the version that answered.</param>
    public static PredictionAnswer Of(Prediction prediction, ITrainingView view) => new(
        prediction.PredictionId == 0 ? null : prediction.PredictionId, prediction.Survived, prediction.Probability, prediction.Survivors, prediction.Neighbors,
        prediction.ModelVersion, prediction.Pclass, SexConverter.Format(prediction.Sex), prediction.AgeInYears, prediction.FareInPounds,
        view.Schema.EncoderId, EncodedValue.Of(view, prediction.PointIn(view)), prediction.Source, prediction.CreatedAt);
}
