using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving.Receipts;

/// <summary>
/// Proves a stored answer on the spot: reads the registered bytes, encodes the question again, asks the bytes again, and holds everything
/// against what was written down. Nothing is written, and nothing that was stored is taken for granted but digests.
/// </summary>
public sealed class ReceiptVerifier(TitanicDb db, PredictionReader predictions, ModelRegistry registry, DatasetChecks datasetChecks)
{
    /// <param name="readsDatasets">Whether to read every row of the training datasets as well; that takes as long as there are rows.</param>
    /// <returns>Null when there is no such prediction.</returns>
    public async Task<ReceiptVerification?> Verify(long predictionId, bool readsDatasets, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        if (await predictions.Find(predictionId, cancellation) is not { } receipt)
            return null;
        var version = (await registry.Find(receipt.Prediction.ModelVersion, cancellation))!;
        var dataset = await registry.DatasetOf(version, cancellation);
        var (model, ofBytes) = AnswerChecks.OfBytes(version, receipt.View);
        var checks = new List<ReceiptCheck>(ofBytes);
        checks.AddRange(AnswerChecks.OfAnswer(model, receipt));
        checks.Add(AnswerChecks.OfLearnedRows(model, dataset));
        var asked = await AskedRow.Find(db, receipt.Prediction, cancellation);
        if (receipt.Prediction.PassengerId is not null)
            checks.AddRange(PassengerChecks.Of(receipt.Prediction, asked, dataset));
        checks.AddRange(await datasetChecks.Of(version, dataset, readsDatasets, await OutcomeOf(receipt.Prediction, asked, cancellation), cancellation));
        return new ReceiptVerification(predictionId, checks, Stopwatch.GetElapsedTime(started));
    }

    private async Task<(Outcome, string?)?> OutcomeOf(Prediction prediction, AskedRow? asked, CancellationToken cancellation) => prediction.PassengerId is { } passenger
        && await db.Outcomes.AsNoTracking().SingleOrDefaultAsync(o => o.PassengerId == passenger && o.SupersededBy == null, cancellation) is { } outcome
        ? (outcome, asked?.Row.Source)
        : null;
}

/// <summary>What came out of verifying a receipt.</summary>
/// <param name="Checks">All of them, also those that were not made, in the order of <see cref="ReceiptChecks"/>.</param>
public sealed record ReceiptVerification(long PredictionId, IReadOnlyList<ReceiptCheck> Checks, TimeSpan Duration)
{
    /// <summary>Nothing that was checked is wrong.</summary>
    public bool IsSound => Checks.All(check => check.Holds is not false);

    public int Passed => Count(true);
    public int Failed => Count(false);
    public int NotMade => Count(null);

    /// <summary>"Sound: all 7 checks passed." or what is wrong, in one line.</summary>
    public string Verdict
    {
        get
        {
            var left = NotMade == 0 ? "" : FormattableString.Invariant($" {NotMade} {(NotMade == 1 ? "was" : "were")} not made.");
            return IsSound
                ? FormattableString.Invariant($"Sound: {(NotMade == 0 ? "all " : "")}{Passed} checks passed.{left}")
                : FormattableString.Invariant($"Not sound: {Failed} of {Passed + Failed} checks failed.{left}");
        }
    }

    private int Count(bool? holds) => Checks.Count(check => check.Holds == holds);
}

/// <summary>One thing that a receipt says, held against what it must be.</summary>
/// <param name="Name">For programs; one of <see cref="ReceiptChecks"/>.</param>
/// <param name="What">What is checked, for people.</param>
/// <param name="Stored">As it was written down; null where nothing was.</param>
/// <param name="Found">As it comes out now; null where the check was not made.</param>
/// <param name="Sentence">What came out; of a check that was not made, why.</param>
public sealed record ReceiptCheck(string Name, string What, bool? Holds, string? Stored, string? Found, string Sentence) : IntegrityCheck(Name, Holds, Sentence)
{
    /// <param name="stored">What was written down, as words or digits that are equal only if the values are.</param>
    /// <param name="failed">What to say when the two differ.</param>
    internal static ReceiptCheck Compare((string Name, string What) check, string? stored, string? found, string passed, string failed) =>
        Of(check, stored == found, stored, found, stored == found ? passed : failed);

    internal static ReceiptCheck NotMade((string Name, string What) check, string? stored, string why) => Of(check, null, stored, null, why);

    internal static ReceiptCheck Of((string Name, string What) check, bool? holds, string? stored, string? found, string sentence) =>
        new(check.Name, check.What, holds, stored, found, sentence);
}

/// <summary>All checks, in the order in which they are made: from the bytes to the rows behind them.</summary>
internal static class ReceiptChecks
{
    public static readonly (string Name, string What) Artifact = ("artifact", "The model's bytes are those that were registered");
    public static readonly (string Name, string What) Model = ("model", "The bytes are a model of the view that was encoded for");
    public static readonly (string Name, string What) Encoding = ("encoding", "The question, encoded again, is the stored point");
    public static readonly (string Name, string What) Survived = ("survived", "The bytes give the stored answer");
    public static readonly (string Name, string What) Probability = ("probability", "The bytes give the stored probability, bit for bit");
    public static readonly (string Name, string What) Survivors = ("survivors", "The bytes count the stored survivors");
    public static readonly (string Name, string What) Neighbors = ("neighbors", "The bytes count the stored neighbours");
    public static readonly (string Name, string What) Row = ("row", "The passenger's row said what was asked");
    public static readonly (string Name, string What) Live = ("live", "The model had, or had not, learned the passenger, as stored");
    public static readonly (string Name, string What) Learned = ("learned", "The bytes learned as many rows as the training dataset has");
    public static readonly (string Name, string What) Dataset = ("dataset", "The training dataset, read again, has the stored digest");
    public static readonly (string Name, string What) Outcome = ("outcome", "The outcome is part of a training dataset whose digest still holds");
}
