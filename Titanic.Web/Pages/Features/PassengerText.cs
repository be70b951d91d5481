using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Html;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pages.Features;

/// <summary>Formats passengers, their outcomes and the differences between their versions.</summary>
public static partial class PassengerText
{
    private const string Unknown = "unknown";

    /// <summary>The new value, or "old → new" if an old value exists and differs.</summary>
    public static string FormatChange(string before, string after) => before == after || before == Format.Missing ? after : $"{before} → {after}";

    public static string FormatOutcome(Outcome? outcome) => outcome switch
    {
        null => Unknown,
        { Survived: true } => "survived",
        _ => "died",
    };

    /// <summary>"Anna, 3rd class, female, 30 years, fare £8".</summary>
    public static IHtmlContent Describe(PassengerVersion row) => Html(
        "{0}, {1}", Name(row), Format.Inputs(row.Pclass, SexConverter.Format(row.Sex), row.AgeInYears, row.FareInPounds));

    /// <summary>One line for each value that a commit changed, or the passenger and the outcome for an insertion or deletion.</summary>
    public static IEnumerable<IHtmlContent> Describe(CommitChange change)
    {
        if (change is { Before: { } before, After: { } after })
        {
            foreach (var difference in Differences(before, after))
                yield return difference;
            if (change.OutcomeBefore?.CommitId != change.OutcomeAfter?.CommitId)
                yield return Html("Outcome: {0}", FormatChange(FormatOutcome(change.OutcomeBefore), FormatOutcome(change.OutcomeAfter)));
            yield break;
        }
        yield return Describe((change.After ?? change.Before)!);
        if ((change.OutcomeAfter ?? change.OutcomeBefore) is { } outcome)
            yield return Html("Outcome: {0}", FormatOutcome(outcome));
    }

    /// <summary>"Age: 29 years → 30 years" for each value that differs between two versions of a passenger.</summary>
    public static IEnumerable<IHtmlContent> Differences(PassengerVersion before, PassengerVersion after)
    {
        if (before.Name != after.Name)
            yield return Html("Name: {0} → {1}", Name(before), Name(after));
        if (before.Person != after.Person)
            yield return Html("Declared person: {0} → {1}", Person(before), Person(after));
        (string Name, string Before, string After)[] values =
        [
            ("Class", Format.Class(before.Pclass), Format.Class(after.Pclass)),
            ("Sex", SexConverter.Format(before.Sex), SexConverter.Format(after.Sex)),
            ("Age", Age(before), Age(after)),
            ("Fare", Fare(before), Fare(after)),
            ("Event time", Format.UtcTime(before.EventTime, seconds: true), Format.UtcTime(after.EventTime, seconds: true)),
        ];
        foreach (var (name, oldValue, newValue) in values.Where(value => value.Before != value.After))
            yield return Html("{0}: {1}", name, FormatChange(oldValue, newValue));
        if (before.PersonId != after.PersonId)
            yield return Html("{0}", after.PersonId == after.PassengerId ? "No longer a copy of another row" : "Linked as a copy of another row");
    }

    /// <summary>
    /// "Age: 29 years → 30 years" for each value and the outcome that differ between two rows of a person; unknown values do not differ.
    /// </summary>
    public static IEnumerable<IHtmlContent> Conflicts(PassengerAsOf counted, PassengerAsOf copy)
    {
        (string Name, string Counted, string Copy)[] values =
        [
            ("Class", Format.Class(counted.Row.Pclass), Format.Class(copy.Row.Pclass)), ("Age", Age(counted.Row), Age(copy.Row)),
            ("Fare", Fare(counted.Row), Fare(copy.Row)), ("Outcome", FormatOutcome(counted.Outcome), FormatOutcome(copy.Outcome)),
        ];
        return values.Where(value => value.Counted != value.Copy && value.Counted != Unknown && value.Copy != Unknown)
            .Select(value => Html("{0}: {1}", value.Name, FormatChange(value.Counted, value.Copy)));
    }

    /// <summary>
    /// The name as HTML. Names are user input: <c>bdi</c> isolates right-to-left names, and bidirectional control characters, which would
    /// reorder the text around them, are shown as \uXXXX.
    /// </summary>
    public static IHtmlContent Name(PassengerVersion row) => row.Name is { } name ? Isolate(name) : Html("{0}", "name unknown");

    /// <summary>A declared person as HTML; see <see cref="Name"/>.</summary>
    public static IHtmlContent Person(PassengerVersion row) => row.Person is { } person ? Isolate(person) : Html("{0}", "not declared");

    /// <summary>The generator that made a passenger of the stream; null for a passenger of another source.</summary>
    public static StreamGenerator? GeneratorOf(PassengerKey passenger) =>
        passenger.Source == PassengerSources.Synthetic ? StreamGenerator.Find(passenger.Key) : null;

    /// <summary>"realistic v2 (inputs from …)".</summary>
    public static string Describe(StreamGenerator generator) => $"{generator.Name} ({generator.Description})";

    public static string Age(PassengerVersion row) => row.AgeInYears is { } years ? Format.Age(years) : Unknown;

    public static string Fare(PassengerVersion row) => row.FareInPounds is { } pounds ? Format.Pounds(pounds) : Unknown;

    private static HtmlFormattableString Isolate(string text) =>
        Html("<bdi>{0}</bdi>", BidiControl().Replace(text, mark => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)mark.Value[0]:X4}")));

    /// <summary>The characters with the Unicode property Bidi_Control.</summary>
    [GeneratedRegex(@"[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]")]
    private static partial Regex BidiControl();

    /// <summary>HTML-encodes the values, except nested HTML content.</summary>
    private static HtmlFormattableString Html(string format, params object[] values) => new(CultureInfo.InvariantCulture, format, values);
}
