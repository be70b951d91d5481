using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;

namespace Titanic.Web.Serving.Receipts;

/// <summary>Checks of a receipt that read every row of a training dataset.</summary>
public sealed class DatasetChecks(TitanicDb db, TrainingDatasets datasets, VersionTrainingRows rows)
{
    private const string NotAllowed = "It reads every training row, which requires an operator or an API key of scope operate.";

    /// <param name="version">The version that predicted.</param>
    /// <param name="dataset">Its training dataset.</param>
    /// <param name="readRows">Whether to read the rows; else the checks are listed as not made.</param>
    /// <param name="known">The outcome of the passenger and the row; null without an outcome or without a passenger.</param>
    /// <param name="cancellation">Cancels reading.</param>
    public async Task<IReadOnlyList<ReceiptCheck>> Of(
        ModelVersion version, TrainingDataset dataset, bool readRows, (Outcome Outcome, PassengerVersion? Row)? known, CancellationToken cancellation)
    {
        if (!readRows)
        {
            var notMade = ReceiptCheck.NotMade(ReceiptChecks.Dataset, dataset.Sha256, NotAllowed);
            return known is { } skipped ? [notMade, ReceiptCheck.NotMade(ReceiptChecks.Outcome, OutcomeText(skipped.Outcome), NotAllowed)] : [notMade];
        }
        var own = await OfDataset(version, dataset, cancellation);
        return known is { } outcome ? [own, await OfOutcome(outcome.Outcome, outcome.Row, dataset, own, cancellation)] : [own];
    }

    private async Task<ReceiptCheck> OfDataset(ModelVersion version, TrainingDataset dataset, CancellationToken cancellation)
    {
        try
        {
            var read = await rows.Recompute(version, dataset, cancellation);
            return dataset.IsLocal
                ? Compare(ReceiptChecks.Dataset, read, "the training dataset of the model")
                : ReceiptCheck.Of(
                    ReceiptChecks.Dataset, true, dataset.Sha256, read.ReadSha256,
                    $"The imported training data is unchanged: {PredictionChecks.RowCounts(read.ReadRows, read.ReadSurvivors)}.");
        }
        catch (ChangedFeatureViewException changed)
        {
            return ReceiptCheck.Of(ReceiptChecks.Dataset, false, dataset.Sha256, "different view", changed.Message);
        }
        catch (InvalidDataException changed)
        {
            return ReceiptCheck.Of(ReceiptChecks.Dataset, false, dataset.Sha256, "different rows", changed.Message);
        }
    }

    /// <summary>
    /// Verifies an outcome. An outcome has no digest, but the digest of a training dataset covers the outcomes in it. So the first training
    /// dataset that contains the outcome is read again and its digest compared. A dataset by person does not contain copies.
    /// </summary>
    private async Task<ReceiptCheck> OfOutcome(Outcome outcome, PassengerVersion? row, TrainingDataset own, ReceiptCheck ofOwn, CancellationToken cancellation)
    {
        var (source, isCopy) = (row?.Source, row is not null && row.PersonId != row.PassengerId);
        var holder = await db.TrainingDatasets.AsNoTracking()
            .Where(d => d.AsOfCommitId >= outcome.CommitId && d.KnownBefore > outcome.KnownAt && d.Sources.Contains(source!) && !(d.IsByPerson && isCopy)
                && (d.EventTimeFrom == null || row!.EventTime >= d.EventTimeFrom))
            .OrderBy(d => d.TrainingDatasetId).FirstOrDefaultAsync(cancellation);
        if (holder is null)
        {
            return ReceiptCheck.NotMade(
                ReceiptChecks.Outcome, OutcomeText(outcome),
                FormattableString.Invariant($"No training dataset contains the outcome of commit {outcome.CommitId} yet."));
        }
        if (holder.TrainingDatasetId == own.TrainingDatasetId)
            return ofOwn with { Name = ReceiptChecks.Outcome.Name, Description = ReceiptChecks.Outcome.Description };
        try
        {
            return Compare(
                ReceiptChecks.Outcome, await datasets.Recompute(holder, cancellation),
                FormattableString.Invariant($"which contains the outcome of commit {outcome.CommitId} ({OutcomeText(outcome)})"));
        }
        catch (ChangedFeatureViewException changed)
        {
            return ReceiptCheck.Of(ReceiptChecks.Outcome, false, holder.Sha256, "different view", changed.Message);
        }
    }

    private static ReceiptCheck Compare((string, string) check, TrainingDatasetComparison read, string description) => ReceiptCheck.Compare(
        check, read.StoredSha256, read.ReadSha256,
        FormattableString.Invariant($"Training dataset {read.TrainingDatasetId}, {description}, is unchanged: ")
        + $"{PredictionChecks.RowCounts(read.ReadRows, read.ReadSurvivors)}.",
        FormattableString.Invariant($"Training dataset {read.TrainingDatasetId}, {description}, was stored with ")
        + $"{PredictionChecks.RowCounts(read.StoredRows, read.StoredSurvivors)}; it now has {PredictionChecks.RowCounts(read.ReadRows, read.ReadSurvivors)} "
        + "and another SHA-256. Rows or outcomes were changed outside the feature store.");

    private static string OutcomeText(Outcome outcome) => outcome.Survived ? "survived" : "died";
}

/// <summary>Checks of a receipt whose prediction is for a passenger of the feature group.</summary>
internal static class PassengerChecks
{
    /// <param name="isLive">The status by <see cref="LiveStatus"/>.</param>
    public static IReadOnlyList<ReceiptCheck> Of(Prediction prediction, PredictedRow? predictedRow, TrainingDataset dataset, bool isLive)
    {
        var input = Format.Inputs(prediction.Pclass, SexConverter.Format(prediction.Sex), prediction.AgeInYears, prediction.FareInPounds);
        if (predictedRow is not { Row: var row })
        {
            var missing = FormattableString.Invariant($"There is no passenger {prediction.PassengerId} in the feature group.");
            return
            [
                ReceiptCheck.Of(ReceiptChecks.Row, false, input, "no row", missing),
                ReceiptCheck.NotMade(ReceiptChecks.Live, Liveness(prediction.IsLive), missing),
            ];
        }
        var found = Format.Inputs(row.Pclass, SexConverter.Format(row.Sex), row.AgeInYears, row.FareInPounds);
        // Before datasets were by person, copies were live.
        var isUnseenRow = !dataset.Sources.Contains(row.Source)
            || (dataset.IsLocal ? predictedRow.FirstCommitId > dataset.AsOfCommitId : row.EventTime >= dataset.KnownBefore);
        isLive |= isUnseenRow && !dataset.IsByPerson && prediction.IsLive == true;
        var history = FormattableString.Invariant(
            $"The passenger was first committed in commit {predictedRow.FirstCommitId}{(predictedRow.IsCopyOf is { } person ? $" and is a copy of passenger {person}" : "")}; ")
            + FormattableString.Invariant($"the model was trained on {string.Join(", ", dataset.Sources)} as of commit {dataset.AsOfCommitId}");
        return
        [
            ReceiptCheck.Of(
                ReceiptChecks.Row, predictedRow.MatchesPrediction, input, found,
                predictedRow.MatchesPrediction
                    ? FormattableString.Invariant($"The row of commit {row.CommitId} has the input of the prediction: {found}.")
                    : FormattableString.Invariant($"The input of the prediction is {input}, but the row of commit {row.CommitId} has {found}.")),
            ReceiptCheck.Compare(
                ReceiptChecks.Live, Liveness(prediction.IsLive), Liveness(isLive),
                $"{history}: {Liveness(isLive)}, as stored.",
                $"{history}: {Liveness(isLive)}, but {Liveness(prediction.IsLive)} is stored."),
        ];
    }

    private static string Liveness(bool? isLive) => isLive switch { true => "live", false => "in-sample", null => "not set" };
}

/// <summary>The version of a passenger's row that batch inference predicted.</summary>
/// <param name="Row">The row version.</param>
/// <param name="FirstCommitId">The commit of the passenger's first row version.</param>
/// <param name="MatchesPrediction">
/// False where no row version that was committed before the prediction has its input; <paramref name="Row"/> is then the newest of them.
/// </param>
/// <param name="IsCopyOf">The passenger that is counted for the person, by the newest row version; null if it is this one.</param>
public sealed record PredictedRow(PassengerVersion Row, long FirstCommitId, bool MatchesPrediction, long? IsCopyOf)
{
    /// <summary>
    /// Finds the row of a prediction. A prediction stores the passenger and the input but not the commit of the row. The row is the newest
    /// version with this input that was committed before the prediction; corrections add versions, so it still exists.
    /// </summary>
    /// <returns>Null for a prediction without a passenger, and where the passenger does not exist.</returns>
    public static async Task<PredictedRow?> Find(TitanicDb db, Prediction prediction, CancellationToken cancellation)
    {
        var versions = await (
            from row in db.Passengers.AsNoTracking()
            join commit in db.Commits on row.CommitId equals commit.CommitId
            where row.PassengerId == prediction.PassengerId
            orderby row.CommitId descending
            select new { Row = row, commit.CommittedAt }).ToListAsync(cancellation);
        if (versions.Count == 0)
            return null;
        var earlier = versions.Where(version => version.CommittedAt <= prediction.CreatedAt).Select(version => version.Row).ToList();
        var matching = earlier.Find(row => HasSameInputs(row, prediction));
        return new PredictedRow(matching ?? earlier.FirstOrDefault() ?? versions[0].Row, versions[^1].Row.CommitId, matching is not null,
            versions[0].Row is { } newest && newest.PersonId != newest.PassengerId ? newest.PersonId : null);
    }

    private static bool HasSameInputs(PassengerVersion row, Prediction prediction) =>
        (row.Pclass, row.Sex, row.AgeInYears, row.FareInPounds)
        == (prediction.Pclass, prediction.Sex, prediction.AgeInYears, prediction.FareInPounds);
}
