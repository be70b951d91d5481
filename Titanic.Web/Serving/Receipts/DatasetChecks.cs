using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving.Receipts;

/// <summary>Checks that read every row of a training dataset.</summary>
public sealed class DatasetChecks(TitanicDb db, TrainingDatasets datasets, RowsOfVersion rows)
{
    private const string NotAllowed = "It reads every row: the administrator, or a key of scope operate, can have it made.";

    /// <param name="version">That answered.</param>
    /// <param name="dataset">Its own.</param>
    /// <param name="outcome">What happened to the passenger; null while it is not known, and for a question about nobody.</param>
    /// <param name="asked">The passenger's row.</param>
    /// <param name="reads">False: the checks are named, but not made.</param>
    public async Task<IReadOnlyList<ReceiptCheck>> Of(ModelVersion version, TrainingDataset dataset, Outcome? outcome, AskedRow? asked, bool reads, CancellationToken cancellation)
    {
        if (!reads)
            return [ReceiptCheck.NotMade(ReceiptChecks.Dataset, dataset.Sha256, NotAllowed), .. outcome is null ? [] : new[] { ReceiptCheck.NotMade(ReceiptChecks.Outcome, Fate(outcome), NotAllowed) }];
        var own = dataset.IsOfThisStore
            ? await Read(ReceiptChecks.Dataset, dataset, dataset.Sha256, "the training dataset of the model", cancellation)
            : await ReadImported(version, dataset, cancellation);
        return outcome is null ? [own] : [own, await OfOutcome(outcome, asked, dataset, own, cancellation)];
    }

    /// <summary>
    /// An outcome carries no digest of its own, but training datasets do, over the outcomes that they hold. The first one that holds it
    /// proves it, and with it every other row of that dataset.
    /// </summary>
    private async Task<ReceiptCheck> OfOutcome(Outcome outcome, AskedRow? asked, TrainingDataset own, ReceiptCheck ofOwn, CancellationToken cancellation)
    {
        var source = asked?.Row.Source;
        var holder = await db.TrainingDatasets.AsNoTracking()
            .Where(d => d.AsOfCommitId >= outcome.CommitId && d.KnownBefore > outcome.KnownAt && d.Sources.Contains(source!))
            .OrderBy(d => d.TrainingDatasetId).FirstOrDefaultAsync(cancellation);
        if (holder is null)
            return ReceiptCheck.NotMade(ReceiptChecks.Outcome, Fate(outcome), FormattableString.Invariant($"No training dataset holds the outcome of commit {outcome.CommitId} yet."));
        var what = FormattableString.Invariant($"which holds the outcome of commit {outcome.CommitId} ({Fate(outcome)})");
        if (holder.TrainingDatasetId == own.TrainingDatasetId)
            return ofOwn with { Name = ReceiptChecks.Outcome.Name, What = ReceiptChecks.Outcome.What };
        return await Read(ReceiptChecks.Outcome, holder, holder.Sha256, what, cancellation);
    }

    private async Task<ReceiptCheck> Read((string, string) check, TrainingDataset dataset, string stored, string what, CancellationToken cancellation)
    {
        try
        {
            var read = await datasets.Recompute(dataset, cancellation);
            return ReceiptCheck.Compare(
                check, stored, read.ReadSha256,
                FormattableString.Invariant($"Training dataset {dataset.TrainingDatasetId}, {what}, reads as it was stored: {read.ReadRows} rows, {read.ReadSurvivors} of them survivors."),
                FormattableString.Invariant($"Training dataset {dataset.TrainingDatasetId}, {what}, was stored with {read.StoredRows} rows, {read.StoredSurvivors} of them survivors, and another digest; it reads as {read.ReadRows} rows, {read.ReadSurvivors} of them survivors: rows or outcomes were changed past the feature store."));
        }
        catch (ChangedFeatureViewException changed)
        {
            return ReceiptCheck.Of(check, CheckResult.Failed, stored, "another view", changed.Message);
        }
    }

    private async Task<ReceiptCheck> ReadImported(ModelVersion version, TrainingDataset dataset, CancellationToken cancellation)
    {
        try
        {
            var read = (await rows.Imported(version, cancellation)).Content;
            return ReceiptCheck.Of(
                ReceiptChecks.Dataset, CheckResult.Passed, dataset.Sha256, read.Sha256,
                FormattableString.Invariant($"The rows that came with the model read as they were imported: {read.Rows} rows, {read.Survivors} of them survivors."));
        }
        catch (InvalidDataException changed)
        {
            return ReceiptCheck.Of(ReceiptChecks.Dataset, CheckResult.Failed, dataset.Sha256, "other rows", changed.Message);
        }
    }

    private static string Fate(Outcome outcome) => outcome.Survived ? "survived" : "died";
}
