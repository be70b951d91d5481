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
        checks.AddRange(await datasetChecks.Of(version, dataset, await OutcomeOf(receipt.Prediction, cancellation), asked, readsDatasets, cancellation));
        return new ReceiptVerification(predictionId, checks, Stopwatch.GetElapsedTime(started));
    }

    private async Task<Outcome?> OutcomeOf(Prediction prediction, CancellationToken cancellation) => prediction.PassengerId is { } passenger
        ? await db.Outcomes.AsNoTracking().SingleOrDefaultAsync(outcome => outcome.PassengerId == passenger && outcome.SupersededBy == null, cancellation)
        : null;
}
