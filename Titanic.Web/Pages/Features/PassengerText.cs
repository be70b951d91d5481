using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pages.Features;

/// <summary>How pages write passengers and what became of them.</summary>
public static class PassengerText
{
    public static string Address(PassengerKey key) => $"/features/passengers/{Uri.EscapeDataString(key.Source)}/{Uri.EscapeDataString(key.Key)}";

    /// <summary>One value, or two with an arrow where it changed.</summary>
    public static string Step(string before, string after) => before == after || before == Format.Nothing ? after : $"{before} → {after}";

    public static string Fate(Outcome? outcome) => outcome switch
    {
        null => "not known",
        { Survived: true } => "survived",
        _ => "died",
    };

    public static string Of(PassengerVersion row) =>
        $"{row.Name ?? "no name"}, {(row.Sex == Sex.Female ? "female" : "male")}, class {row.Pclass}, {Age(row)}, {Fare(row)}";

    /// <summary>A line for each thing that is worth saying.</summary>
    public static IEnumerable<string> Of(CommitChange change)
    {
        if (change is { Before: { } before, After: { } after })
        {
            foreach (var difference in Differences(before, after))
                yield return difference;
            if (change.OutcomeBefore?.CommitId != change.OutcomeAfter?.CommitId)
                yield return $"Outcome: {Step(Fate(change.OutcomeBefore), Fate(change.OutcomeAfter))}";
            yield break;
        }
        yield return Of((change.After ?? change.Before)!);
        if ((change.OutcomeAfter ?? change.OutcomeBefore) is { } outcome)
            yield return $"Outcome: {Fate(outcome)}";
    }

    /// <summary>"Age: 29 years → 30 years" for every value in which two versions of a passenger differ.</summary>
    public static IEnumerable<string> Differences(PassengerVersion before, PassengerVersion after)
    {
        (string Name, string Before, string After)[] values =
        [
            ("Name", before.Name ?? Format.Nothing, after.Name ?? Format.Nothing),
            ("Class", Format.Count(before.Pclass), Format.Count(after.Pclass)),
            ("Sex", SexWord.Of(before.Sex), SexWord.Of(after.Sex)),
            ("Age", Age(before), Age(after)),
            ("Ticket price", Fare(before), Fare(after)),
            ("Sailed", Format.Moment(before.EventTime), Format.Moment(after.EventTime)),
        ];
        return values.Where(value => value.Before != value.After).Select(value => $"{value.Name}: {Step(value.Before, value.After)}");
    }

    public static string Age(PassengerVersion row) => row.AgeInYears is { } years ? $"{Format.Years(years)} years" : "age unknown";

    public static string Fare(PassengerVersion row) => row.FareInPounds is { } pounds ? Format.Pounds(pounds) : "ticket price unknown";
}
