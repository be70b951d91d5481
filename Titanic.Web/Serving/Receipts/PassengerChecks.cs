using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Receipts;

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
                ReceiptCheck.Of(ReceiptChecks.Row, CheckResult.Failed, question, "no row", nobody),
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
                ReceiptChecks.Row, asked.IsAsAsked ? CheckResult.Passed : CheckResult.Failed, question, said,
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
