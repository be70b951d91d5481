using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving.Receipts;

/// <summary>Checks that read every row of a training dataset.</summary>
public sealed class DatasetChecks(TitanicDb db, TrainingDatasets datasets, RowsOfVersion rows)
{
    private const string NotAllowed = "It reads every row: the administrator, or a key of scope operate, can have it made.";

    /// <param name="version">That answered.</param>
    /// <param name="dataset">Its own.</param>
    /// <param name="reads">False: the checks are named, but not made.</param>
    /// <param name="known">The outcome of the passenger and the source of the row; null while no outcome is known, and for a prediction about no stored passenger.</param>
    public async Task<IReadOnlyList<ReceiptCheck>> Of(ModelVersion version, TrainingDataset dataset, bool reads, (Outcome Outcome, string? Source)? known, CancellationToken cancellation)
    {
        if (!reads)
            return [ReceiptCheck.NotMade(ReceiptChecks.Dataset, dataset.Sha256, NotAllowed), .. known is { } one ? new[] { ReceiptCheck.NotMade(ReceiptChecks.Outcome, Fate(one.Outcome), NotAllowed) } : []];
        var own = await OfDataset(version, dataset, cancellation);
        return known is { } outcome ? [own, await OfOutcome(outcome.Outcome, outcome.Source, dataset, own, cancellation)] : [own];
    }

    private async Task<ReceiptCheck> OfDataset(ModelVersion version, TrainingDataset dataset, CancellationToken cancellation)
    {
        try
        {
            var read = await rows.Recompute(version, dataset, cancellation);
            return dataset.IsOfThisStore
                ? Compared(ReceiptChecks.Dataset, read, "the training dataset of the model")
                : ReceiptCheck.Of(
                    ReceiptChecks.Dataset, true, dataset.Sha256, read.ReadSha256,
                    FormattableString.Invariant($"The rows that came with the model read as they were imported: {read.ReadRows} rows, {read.ReadSurvivors} of them survivors."));
        }
        catch (ChangedFeatureViewException changed)
        {
            return ReceiptCheck.Of(ReceiptChecks.Dataset, false, dataset.Sha256, "another view", changed.Message);
        }
        catch (InvalidDataException changed)
        {
            return ReceiptCheck.Of(ReceiptChecks.Dataset, false, dataset.Sha256, "other rows", changed.Message);
        }
    }

    /// <summary>
    /// An outcome carries no digest of its own, but training datasets do, over the outcomes that they hold. The first one that holds it
    /// proves it, and with it every other row of that dataset.
    /// </summary>
    private async Task<ReceiptCheck> OfOutcome(Outcome outcome, string? source, TrainingDataset own, ReceiptCheck ofOwn, CancellationToken cancellation)
    {
        var holder = await db.TrainingDatasets.AsNoTracking()
            .Where(d => d.AsOfCommitId >= outcome.CommitId && d.KnownBefore > outcome.KnownAt && d.Sources.Contains(source!))
            .OrderBy(d => d.TrainingDatasetId).FirstOrDefaultAsync(cancellation);
        if (holder is null)
            return ReceiptCheck.NotMade(ReceiptChecks.Outcome, Fate(outcome), FormattableString.Invariant($"No training dataset holds the outcome of commit {outcome.CommitId} yet."));
        var what = FormattableString.Invariant($"which holds the outcome of commit {outcome.CommitId} ({Fate(outcome)})");
        if (holder.TrainingDatasetId == own.TrainingDatasetId)
            return ofOwn with { Name = ReceiptChecks.Outcome.Name, What = ReceiptChecks.Outcome.What };
        try
        {
            return Compared(ReceiptChecks.Outcome, await datasets.Recompute(holder, cancellation), what);
        }
        catch (ChangedFeatureViewException changed)
        {
            return ReceiptCheck.Of(ReceiptChecks.Outcome, false, holder.Sha256, "another view", changed.Message);
        }
    }

    private static ReceiptCheck Compared((string, string) check, TrainingDatasetComparison read, string what) => ReceiptCheck.Compare(
        check, read.StoredSha256, read.ReadSha256,
        FormattableString.Invariant($"Training dataset {read.TrainingDatasetId}, {what}, reads as it was stored: {read.ReadRows} rows, {read.ReadSurvivors} of them survivors."),
        FormattableString.Invariant($"Training dataset {read.TrainingDatasetId}, {what}, was stored with {read.StoredRows} rows, {read.StoredSurvivors} of them survivors, and another digest; it reads as {read.ReadRows} rows, {read.ReadSurvivors} of them survivors: rows or outcomes were changed past the feature store."));

    private static string Fate(Outcome outcome) => outcome.Survived ? "survived" : "died";
}

/// <summary>Checks of a prediction about a passenger of the feature group.</summary>
internal static class PassengerChecks
{
    public static IReadOnlyList<ReceiptCheck> Of(Prediction prediction, AskedRow? asked, TrainingDataset dataset)
    {
        var question = Words(prediction.Pclass, prediction.Sex, prediction.AgeInYears, prediction.FareInPounds);
        if (asked is not { Row: var row })
        {
            var nobody = FormattableString.Invariant($"There is no passenger {prediction.PassengerId} in the feature group.");
            return
            [
                ReceiptCheck.Of(ReceiptChecks.Row, false, question, "no row", nobody),
                ReceiptCheck.NotMade(ReceiptChecks.Live, Liveness(prediction.IsLive), nobody),
            ];
        }
        var said = Words(row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds);
        // As batch inference decides it, also for rows that are not of this store.
        var isLive = !dataset.Sources.Contains(row.Source)
            || (dataset.IsOfThisStore ? asked.FirstCommitId > dataset.AsOfCommitId : row.EventTime >= dataset.KnownBefore);
        return
        [
            ReceiptCheck.Of(
                ReceiptChecks.Row, asked.IsAsAsked, question, said,
                asked.IsAsAsked
                    ? FormattableString.Invariant($"The row of commit {row.CommitId} says {said}, as asked.")
                    : FormattableString.Invariant($"The prediction says that {question} was asked, but the row of commit {row.CommitId} says {said}.")),
            ReceiptCheck.Compare(
                ReceiptChecks.Live, Liveness(prediction.IsLive), Liveness(isLive),
                FormattableString.Invariant($"The passenger came with commit {asked.FirstCommitId}; the model learned {string.Join(", ", dataset.Sources)} as of commit {dataset.AsOfCommitId}: {Liveness(isLive)}, as stored."),
                FormattableString.Invariant($"The passenger came with commit {asked.FirstCommitId} and the model learned {string.Join(", ", dataset.Sources)} as of commit {dataset.AsOfCommitId}: {Liveness(isLive)}, but {Liveness(prediction.IsLive)} is stored.")),
        ];
    }

    private static string Liveness(bool? isLive) => isLive switch { true => "live", false => "in-sample", null => "nothing" };

    private static string Words(int pclass, Sex sex, double? age, double? fare) => string.Create(
        CultureInfo.InvariantCulture,
        $"class {pclass}, {SexConverter.Format(sex)}, {(age is null ? "age unknown" : string.Create(CultureInfo.InvariantCulture, $"{age} years"))}, {(fare is null ? "ticket price unknown" : string.Create(CultureInfo.InvariantCulture, $"£{fare}"))}");
}

/// <summary>The version of a passenger's row that a prediction was made of.</summary>
/// <param name="FirstCommitId">The commit that brought the passenger.</param>
/// <param name="IsAsAsked">False when no version that had come by then says what was asked; <paramref name="Row"/> is then the newest of them.</param>
public sealed record AskedRow(PassengerVersion Row, long FirstCommitId, bool IsAsAsked)
{
    /// <summary>
    /// A prediction keeps the passenger and what was asked, not the commit of the row. That is the newest version committed before the
    /// answer that says the same; rows are corrected by new versions, so it is still there.
    /// </summary>
    /// <returns>Null for a question about nobody in particular, and for a passenger who never was.</returns>
    public static async Task<AskedRow?> Find(TitanicDb db, Prediction prediction, CancellationToken cancellation)
    {
        var versions = await (
            from row in db.Passengers.AsNoTracking()
            join commit in db.Commits on row.CommitId equals commit.CommitId
            where row.PassengerId == prediction.PassengerId
            orderby row.CommitId descending
            select new { Row = row, commit.CommittedAt }).ToListAsync(cancellation);
        if (versions.Count == 0)
            return null;
        var there = versions.Where(version => version.CommittedAt <= prediction.CreatedAt).Select(version => version.Row).ToList();
        var asked = there.Find(row => SaysTheSame(row, prediction));
        return new AskedRow(asked ?? there.FirstOrDefault() ?? versions[0].Row, versions[^1].Row.CommitId, asked is not null);
    }

    private static bool SaysTheSame(PassengerVersion row, Prediction prediction) =>
        (row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds) == (prediction.Pclass, prediction.Sex, prediction.AgeInYears, prediction.FareInPounds);
}
