using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;

namespace Titanic.Web.Serving.Receipts;

/// <summary>Checks of a receipt that need only the prediction, its model version and the definition of the training dataset.</summary>
internal static class PredictionChecks
{
    /// <summary>Checks the stored model bytes: the SHA-256 and the encoder.</summary>
    /// <param name="version">The version that predicted.</param>
    /// <param name="view">The feature view of its training dataset.</param>
    /// <returns>The loaded model and the checks; null for the model where a check failed.</returns>
    public static (LoadedModel? Model, IReadOnlyList<ReceiptCheck> Checks) CheckArtifact(ModelVersion version, ITrainingView view)
    {
        var found = version.ComputeSha256();
        var artifact = ReceiptCheck.Compare(
            ReceiptChecks.Artifact, version.ArtifactSha256, found,
            FormattableString.Invariant($"The {version.Artifact.Length:#,##0} stored bytes of version {version.Version} have the registered SHA-256."),
            $"The stored bytes of version {version.Version} have SHA-256 {found}; {version.ArtifactSha256} was registered. The bytes were changed.");
        if (artifact.Holds is false)
            return (null, [artifact, ReceiptCheck.NotMade(ReceiptChecks.Model, view.Schema.EncoderId, "Corrupt bytes are not loaded.")]);
        try
        {
            var model = LoadedModel.Of(version);
            var encoder = model.View.Schema.EncoderId;
            var isSame = ReceiptCheck.Compare(
                ReceiptChecks.Model, view.Schema.EncoderId, encoder, $"The model uses the feature view {model.View.Schema}, like its training dataset.",
                $"The training dataset uses the feature view {view.Schema}, but the model uses {model.View.Schema}.");
            return (isSame.Holds is true ? model : null, [artifact, isSame]);
        }
        catch (InvalidDataException unreadable)
        {
            return (null, [artifact, ReceiptCheck.Of(ReceiptChecks.Model, false, view.Schema.EncoderId, "unreadable", unreadable.Message)]);
        }
    }

    /// <summary>
    /// Encodes the input again and compares the encoding; predicts this encoding, not the stored one, and compares the prediction.
    /// </summary>
    public static IReadOnlyList<ReceiptCheck> CheckPrediction(LoadedModel? model, PredictionWithView stored)
    {
        var prediction = stored.Prediction;
        double[] point;
        try
        {
            point = stored.View.Encode(prediction.Pclass, prediction.Sex, prediction.AgeInYears, prediction.FareInPounds);
        }
        catch (ArgumentOutOfRangeException invalid)
        {
            var failed = ReceiptCheck.Of(
                ReceiptChecks.Encoding, false, StoredPoint(prediction), "none", $"The stored input cannot be encoded: {FailureText.Describe(invalid)}");
            return [failed, .. PredictionsNotCompared(prediction, "There is no encoded input to predict.")];
        }
        var encoded = stored.View.CodeOf(point) is { } code ? PointText(code) : RoundTripText(point);
        var encoding = ReceiptCheck.Compare(
            ReceiptChecks.Encoding, StoredPoint(prediction), encoded, $"{stored.View.Schema} encodes the input as {encoded}, as stored.",
            $"{stored.View.Schema} encodes the input as {encoded}, but {StoredPoint(prediction)} is stored.");
        return [encoding, .. model is null ? PredictionsNotCompared(prediction, "The model is not loaded.") : ComparePredictions(prediction, model.Predict(point))];
    }

    /// <summary>Compares the number of training rows in the model with that of the training dataset.</summary>
    public static ReceiptCheck CheckTrainingRows(LoadedModel? model, TrainingDataset dataset)
    {
        var stored = RowCounts(dataset.Rows, dataset.Survivors);
        if (model is null)
            return ReceiptCheck.NotMade(ReceiptChecks.Learned, stored, "The model is not loaded.");
        var found = RowCounts(model.Rows, model.Survivors);
        var rows = dataset.IsLocal ? FormattableString.Invariant($"training dataset {dataset.TrainingDatasetId}") : "its imported training data";
        return ReceiptCheck.Compare(
            ReceiptChecks.Learned, stored, found, $"The model has {found}, like {rows}.", $"The model has {found}, but {rows} has {stored}.");
    }

    private static IEnumerable<ReceiptCheck> ComparePredictions(Prediction stored, ClassPrediction recomputed) =>
    [
        CompareValue(ReceiptChecks.Survived, "class", OutcomeText(stored.Survived), OutcomeText(recomputed.Survived)),
        CompareValue(ReceiptChecks.Probability, "probability", RoundTripText(stored.Probability), RoundTripText(recomputed.Probability)),
        CompareValue(ReceiptChecks.Survivors, "number of survivors", RoundTripText(stored.Survivors), RoundTripText(recomputed.Survivors)),
        CompareValue(ReceiptChecks.Neighbors, "number of neighbors", RoundTripText(stored.Neighbors), RoundTripText(recomputed.Neighbors)),
    ];

    private static IEnumerable<ReceiptCheck> PredictionsNotCompared(Prediction stored, string reason) =>
    [
        ReceiptCheck.NotMade(ReceiptChecks.Survived, OutcomeText(stored.Survived), reason),
        ReceiptCheck.NotMade(ReceiptChecks.Probability, RoundTripText(stored.Probability), reason),
        ReceiptCheck.NotMade(ReceiptChecks.Survivors, RoundTripText(stored.Survivors), reason),
        ReceiptCheck.NotMade(ReceiptChecks.Neighbors, RoundTripText(stored.Neighbors), reason),
    ];

    private static ReceiptCheck CompareValue((string, string) check, string value, string stored, string found) => ReceiptCheck.Compare(
        check, stored, found, $"The model returns {found}, as stored.", $"The stored {value} is {stored}, but the model returns {found}.");

    private static string OutcomeText(bool survived) => survived ? "survived" : "died";

    /// <summary>"1,309 rows, 500 survived".</summary>
    internal static string RowCounts(int rows, int survivors) =>
        FormattableString.Invariant($"{Quantity.Of(rows, "row")}, {survivors:#,##0} survived");

    private static string StoredPoint(Prediction prediction) => prediction.PointCode is { } code ? PointText(code) : RoundTripText(prediction.Encoded!);

    private static string PointText(short code) => FormattableString.Invariant($"point {code}");

    private static string RoundTripText(double[] point) => string.Join(", ", point.Select(value => RoundTripText(value)));

    /// <summary>The shortest digits that round-trip.</summary>
    private static string RoundTripText(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
