using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Training;

namespace Titanic.Web.Serving.Receipts;

/// <summary>Checks that need nothing but the prediction, the version that gave it and its training dataset's definition.</summary>
internal static class AnswerChecks
{
    /// <param name="view">The view of the version's training dataset.</param>
    /// <returns>The model to ask; null where the bytes cannot be trusted to be one.</returns>
    public static (ServedModel? Model, IReadOnlyList<ReceiptCheck> Checks) OfBytes(ModelVersion version, ITrainingView view)
    {
        var found = version.ComputeSha256();
        var artifact = ReceiptCheck.Compare(
            ReceiptChecks.Artifact, version.ArtifactSha256, found,
            FormattableString.Invariant($"The {version.Artifact.Length:#,##0} stored bytes of version {version.Version} have the registered SHA-256."),
            FormattableString.Invariant($"The stored bytes of version {version.Version} have SHA-256 {found}, but {version.ArtifactSha256} was registered: they were changed."));
        if (artifact.Holds is false)
            return (null, [artifact, ReceiptCheck.NotMade(ReceiptChecks.Model, view.Schema.EncoderId, "Damaged bytes are not loaded.")]);
        try
        {
            var model = ServedModel.Of(version);
            var encoder = model.View.Schema.EncoderId;
            var isSame = ReceiptCheck.Compare(
                ReceiptChecks.Model, view.Schema.EncoderId, encoder, $"The bytes answer points of {encoder}, the view of their training dataset.",
                $"The training dataset is of {view.Schema.EncoderId}, but the bytes answer points of {encoder}.");
            return (isSame.Holds is true ? model : null, [artifact, isSame]);
        }
        catch (InvalidDataException unreadable)
        {
            return (null, [artifact, ReceiptCheck.Of(ReceiptChecks.Model, false, view.Schema.EncoderId, "unreadable", unreadable.Message)]);
        }
    }

    /// <summary>The question is encoded again, and it is that point, not the stored one, that the bytes are asked about.</summary>
    public static IReadOnlyList<ReceiptCheck> OfAnswer(ServedModel? model, StoredPrediction receipt)
    {
        var said = receipt.Prediction;
        double[] point;
        try
        {
            point = receipt.View.Encode(said.Pclass, said.Sex, said.AgeInYears, said.FareInPounds);
        }
        catch (ArgumentOutOfRangeException impossible)
        {
            var cannot = ReceiptCheck.Of(ReceiptChecks.Encoding, false, Stored(said), "none", $"The stored question cannot be encoded: {impossible.Message}");
            return [cannot, .. NotAsked(said, "There is no point to ask about.")];
        }
        var encoded = receipt.View.CodeOf(point) is { } code ? Place(code) : Digits(point);
        var encoding = ReceiptCheck.Compare(
            ReceiptChecks.Encoding, Stored(said), encoded, $"{receipt.View.Schema.EncoderId} encodes the question as {encoded}, as stored.",
            $"{receipt.View.Schema.EncoderId} encodes the question as {encoded}, but {Stored(said)} is stored.");
        return [encoding, .. model is null ? NotAsked(said, "The bytes cannot be asked.") : Asked(said, model.Answer(point))];
    }

    public static ReceiptCheck OfLearnedRows(ServedModel? model, TrainingDataset dataset)
    {
        var stored = Learned(dataset.Rows, dataset.Survivors);
        if (model is null)
            return ReceiptCheck.NotMade(ReceiptChecks.Learned, stored, "The bytes cannot be asked.");
        var found = Learned(model.Rows, model.Survivors);
        return ReceiptCheck.Compare(
            ReceiptChecks.Learned, stored, found, $"The bytes hold {found}, and so {(dataset.IsOfThisStore ? $"does training dataset {Digits(dataset.TrainingDatasetId)}" : "do the rows that came with them")}.",
            $"The bytes hold {found}, but {(dataset.IsOfThisStore ? $"training dataset {Digits(dataset.TrainingDatasetId)} was stored with" : "the rows that came with them are")} {stored}.");
    }

    private static IEnumerable<ReceiptCheck> Asked(Prediction said, ClassPrediction now) =>
    [
        Answer(ReceiptChecks.Survived, "answer", Fate(said.Survived), Fate(now.Survived)),
        Answer(ReceiptChecks.Probability, "probability", Digits(said.Probability), Digits(now.Probability)),
        Answer(ReceiptChecks.Survivors, "number of survivors", Digits(said.Survivors), Digits(now.Survivors)),
        Answer(ReceiptChecks.Neighbors, "number of neighbours", Digits(said.Neighbors), Digits(now.Neighbors)),
    ];

    private static IEnumerable<ReceiptCheck> NotAsked(Prediction said, string why) =>
    [
        ReceiptCheck.NotMade(ReceiptChecks.Survived, Fate(said.Survived), why),
        ReceiptCheck.NotMade(ReceiptChecks.Probability, Digits(said.Probability), why),
        ReceiptCheck.NotMade(ReceiptChecks.Survivors, Digits(said.Survivors), why),
        ReceiptCheck.NotMade(ReceiptChecks.Neighbors, Digits(said.Neighbors), why),
    ];

    private static ReceiptCheck Answer((string, string) check, string figure, string stored, string found) => ReceiptCheck.Compare(
        check, stored, found, $"The bytes answer {found}, as stored.", $"The stored {figure} is {stored}, the bytes answer {found}.");

    private static string Fate(bool survived) => survived ? "survived" : "died";

    private static string Learned(int rows, int survivors) => FormattableString.Invariant($"{rows} rows, {survivors} of them survivors");

    private static string Stored(Prediction said) => said.PointCode is { } code ? Place(code) : Digits(said.Encoded!);

    private static string Place(short code) => FormattableString.Invariant($"point {code}");

    private static string Digits(double[] point) => string.Join(", ", point.Select(value => Digits(value)));

    /// <summary>The shortest digits that give the same bits.</summary>
    private static string Digits(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
