using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving.Receipts;

/// <summary>
/// Verifies a stored prediction: loads the registered model bytes, encodes the input again, predicts again, and compares every result with
/// the stored one. Writes nothing. Relies on the stored digests only.
/// </summary>
public sealed class ReceiptVerifier(TitanicDb db, PredictionReader predictions, ModelRegistry registry, DatasetChecks datasetChecks)
{
    /// <param name="predictionId">The id of the prediction.</param>
    /// <param name="readsDatasets">
    /// Whether to read every row of the training datasets too; the time is proportional to the number of rows.
    /// </param>
    /// <param name="cancellation">Cancels the verification.</param>
    /// <returns>The result of all checks; null where the prediction does not exist.</returns>
    public async Task<ReceiptVerification?> Verify(long predictionId, bool readsDatasets, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        if (await predictions.Find(predictionId, cancellation) is not { } receipt)
            return null;
        var version = (await registry.Find(receipt.Prediction.ModelVersion, cancellation))!;
        var dataset = await registry.ReadDataset(version, cancellation);
        var (model, ofBytes) = PredictionChecks.CheckArtifact(version, receipt.View);
        var checks = new List<ReceiptCheck>(ofBytes);
        checks.AddRange(PredictionChecks.CheckPrediction(model, receipt));
        checks.Add(PredictionChecks.CheckTrainingRows(model, dataset));
        var row = await PredictedRow.Find(db, receipt.Prediction, cancellation);
        if (receipt.Prediction.PassengerId is not null)
            checks.AddRange(PassengerChecks.Of(receipt.Prediction, row, dataset, row is not null && await LiveStatus.Evaluate(db, predictionId, cancellation)));
        var outcome = await OutcomeOf(receipt.Prediction, row, cancellation);
        checks.AddRange(await datasetChecks.Of(version, dataset, readsDatasets, outcome, cancellation));
        return new ReceiptVerification(predictionId, checks, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>The current outcome of the passenger, with the row; null without a passenger or an outcome.</summary>
    private async Task<(Outcome, PassengerVersion?)?> OutcomeOf(Prediction prediction, PredictedRow? predictedRow, CancellationToken cancellation) =>
        prediction.PassengerId is { } passenger
        && await db.Outcomes.AsNoTracking().SingleOrDefaultAsync(o => o.PassengerId == passenger && o.SupersededBy == null, cancellation) is { } outcome
        ? (outcome, predictedRow?.Row)
        : null;
}

/// <summary>The result of verifying a receipt.</summary>
/// <param name="Checks">All checks in the order of <see cref="ReceiptChecks"/>, including those that were not made.</param>
public sealed record ReceiptVerification(long PredictionId, IReadOnlyList<ReceiptCheck> Checks, TimeSpan Duration)
{
    /// <summary>True where no check failed.</summary>
    public bool IsValid => Checks.All(check => check.Holds is not false);

    public int Passed => Count(true);
    public int Failed => Count(false);
    public int NotMade => Count(null);

    /// <summary>The result in one sentence: "Valid: all 7 checks passed." or "Invalid: 1 of 3 checks failed, 6 not made."</summary>
    public string Verdict
    {
        get
        {
            var notMade = NotMade == 0 ? "" : FormattableString.Invariant($", {NotMade} not made");
            return IsValid
                ? FormattableString.Invariant($"Valid: {(NotMade == 0 ? "all " : "")}{Quantity.Of(Passed, "check")} passed{notMade}.")
                : FormattableString.Invariant($"Invalid: {Failed} of {Quantity.Of(Passed + Failed, "check")} failed{notMade}.");
        }
    }

    private int Count(bool? holds) => Checks.Count(check => check.Holds == holds);
}

/// <summary>One check of a receipt: a stored value compared with the recomputed one.</summary>
/// <param name="Name">The identifier of the check; one of <see cref="ReceiptChecks"/>.</param>
/// <param name="Description">What is checked, for display.</param>
/// <param name="Holds">Whether the check passed; null where it was not made.</param>
/// <param name="Stored">The stored value; null where none is stored.</param>
/// <param name="Found">The recomputed value; null where the check was not made.</param>
/// <param name="Sentence">The result; for a check that was not made, the reason.</param>
public sealed record ReceiptCheck(string Name, string Description, bool? Holds, string? Stored, string? Found, string Sentence)
    : IntegrityCheck(Name, Holds, Sentence)
{
    /// <param name="check">The name and description of the check.</param>
    /// <param name="stored">The stored value as text; equal texts only for equal values.</param>
    /// <param name="found">The recomputed value as text.</param>
    /// <param name="passed">The result where both are equal.</param>
    /// <param name="failed">The result where they differ.</param>
    internal static ReceiptCheck Compare((string Name, string Description) check, string? stored, string? found, string passed, string failed) =>
        Of(check, stored == found, stored, found, stored == found ? passed : failed);

    internal static ReceiptCheck NotMade((string Name, string Description) check, string? stored, string reason) => Of(check, null, stored, null, reason);

    internal static ReceiptCheck Of((string Name, string Description) check, bool? holds, string? stored, string? found, string sentence) =>
        new(check.Name, check.Description, holds, stored, found, sentence);
}

/// <summary>All checks in the order in which they are made: first the model bytes, then the prediction, then the data.</summary>
internal static class ReceiptChecks
{
    public static readonly (string Name, string Description) Artifact = ("artifact", "The model bytes have the registered SHA-256");
    public static readonly (string Name, string Description) Model = ("model", "The model uses the encoder of its training dataset");
    public static readonly (string Name, string Description) Encoding = ("encoding", "The input, encoded again, equals the stored encoding");
    public static readonly (string Name, string Description) Survived = ("survived", "The model returns the stored class");
    public static readonly (string Name, string Description) Probability = ("probability", "The model returns the stored probability, bit for bit");
    public static readonly (string Name, string Description) Survivors = ("survivors", "The model returns the stored number of survivors");
    public static readonly (string Name, string Description) Neighbors = ("neighbors", "The model returns the stored number of neighbors");
    public static readonly (string Name, string Description) Row = ("row", "The passenger's row has the input of the prediction");
    public static readonly (string Name, string Description) Live = ("live", "The prediction is live or in-sample, as stored");
    public static readonly (string Name, string Description) Learned = ("learned", "The model has as many training rows as the training dataset");
    public static readonly (string Name, string Description) Dataset = ("dataset", "The training dataset, read again, has the stored SHA-256");
    public static readonly (string Name, string Description) Outcome = ("outcome", "The outcome is in a training dataset with a valid SHA-256");
}
