using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;

namespace Titanic.Web.Serving.Receipts;

/// <summary>Checks of a receipt that need only the prediction, its model version and the definition of the training dataset.</summary>
internal static class AnswerChecks
{
    /// <summary>Checks the stored model bytes: the SHA-256 and the encoder.</summary>
    /// <param name="version">The version that predicted.</param>
    /// <param name="view">The feature view of its training dataset.</param>
    /// <returns>The loaded model and the checks; null for the model where a check failed.</returns>
    public static (ServedModel? Model, IReadOnlyList<ReceiptCheck> Checks) OfBytes(ModelVersion version, ITrainingView view)
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
            var model = ServedModel.Of(version);
            var encoder = model.View.Schema.EncoderId;
            var isSame = ReceiptCheck.Compare(
                ReceiptChecks.Model, view.Schema.EncoderId, encoder, $"The model uses the encoder {encoder}, like its training dataset.",
                $"The training dataset uses the encoder {view.Schema.EncoderId}, but the model uses {encoder}.");
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
    public static IReadOnlyList<ReceiptCheck> OfAnswer(ServedModel? model, StoredPrediction receipt)
    {
        var prediction = receipt.Prediction;
        double[] point;
        try
        {
            point = receipt.View.Encode(prediction.Pclass, prediction.Sex, prediction.AgeInYears, prediction.FareInPounds);
        }
        catch (ArgumentOutOfRangeException invalid)
        {
            var failed = ReceiptCheck.Of(
                ReceiptChecks.Encoding, false, Stored(prediction), "none", $"The stored input cannot be encoded: {invalid.Message}");
            return [failed, .. NotAsked(prediction, "There is no encoded input to predict.")];
        }
        var encoded = receipt.View.CodeOf(point) is { } code ? Place(code) : Digits(point);
        var encoding = ReceiptCheck.Compare(
            ReceiptChecks.Encoding, Stored(prediction), encoded, $"{receipt.View.Schema.EncoderId} encodes the input as {encoded}, as stored.",
            $"{receipt.View.Schema.EncoderId} encodes the input as {encoded}, but {Stored(prediction)} is stored.");
        return [encoding, .. model is null ? NotAsked(prediction, "The model is not loaded.") : Asked(prediction, model.Answer(point))];
    }

    /// <summary>Compares the number of training rows in the model with that of the training dataset.</summary>
    public static ReceiptCheck OfLearnedRows(ServedModel? model, TrainingDataset dataset)
    {
        var stored = Learned(dataset.Rows, dataset.Survivors);
        if (model is null)
            return ReceiptCheck.NotMade(ReceiptChecks.Learned, stored, "The model is not loaded.");
        var found = Learned(model.Rows, model.Survivors);
        var rows = dataset.IsOfThisStore ? FormattableString.Invariant($"training dataset {dataset.TrainingDatasetId}") : "its imported training data";
        return ReceiptCheck.Compare(
            ReceiptChecks.Learned, stored, found, $"The model has {found}, like {rows}.", $"The model has {found}, but {rows} has {stored}.");
    }

    private static IEnumerable<ReceiptCheck> Asked(Prediction said, ClassPrediction now) =>
    [
        Answer(ReceiptChecks.Survived, "class", Fate(said.Survived), Fate(now.Survived)),
        Answer(ReceiptChecks.Probability, "probability", Digits(said.Probability), Digits(now.Probability)),
        Answer(ReceiptChecks.Survivors, "number of survivors", Digits(said.Survivors), Digits(now.Survivors)),
        Answer(ReceiptChecks.Neighbors, "number of neighbors", Digits(said.Neighbors), Digits(now.Neighbors)),
    ];

    private static IEnumerable<ReceiptCheck> NotAsked(Prediction said, string why) =>
    [
        ReceiptCheck.NotMade(ReceiptChecks.Survived, Fate(said.Survived), why),
        ReceiptCheck.NotMade(ReceiptChecks.Probability, Digits(said.Probability), why),
        ReceiptCheck.NotMade(ReceiptChecks.Survivors, Digits(said.Survivors), why),
        ReceiptCheck.NotMade(ReceiptChecks.Neighbors, Digits(said.Neighbors), why),
    ];

    private static ReceiptCheck Answer((string, string) check, string figure, string stored, string found) => ReceiptCheck.Compare(
        check, stored, found, $"The model returns {found}, as stored.", $"The stored {figure} is {stored}, but the model returns {found}.");

    private static string Fate(bool survived) => survived ? "survived" : "died";

    /// <summary>"1,309 rows, 500 survived".</summary>
    internal static string Learned(int rows, int survivors) =>
        FormattableString.Invariant($"{rows:#,##0} {(rows == 1 ? "row" : "rows")}, {survivors:#,##0} survived");

    private static string Stored(Prediction said) => said.PointCode is { } code ? Place(code) : Digits(said.Encoded!);

    private static string Place(short code) => FormattableString.Invariant($"point {code}");

    private static string Digits(double[] point) => string.Join(", ", point.Select(value => Digits(value)));

    /// <summary>The shortest digits that round-trip.</summary>
    private static string Digits(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
