using System.Globalization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Explanations;

namespace Titanic.Web.Serving;

/// <summary>Explanations as sentences.</summary>
internal static class ExplanationWords
{
    /// <summary>"The passenger would have survived if they had been female."</summary>
    public static string Of(ChangedInput changed) =>
        $"The passenger would have {(changed.Answer.Survived ? "survived" : "died")} if {string.Join(" and ", changed.Changes.Select(change => change.Value.Clause))}.";

    public static string Change(Explanation explanation) => explanation.Change switch
    {
        null when explanation.IsComplete => "No other class, sex, age or ticket price would have turned the answer.",
        null => "No other class, sex, age or ticket price that was tried would have turned the answer.",
        { Alternatives: [var only] } => Of(only),
        { Features: 1 } change => $"Any one of {change.Alternatives.Count} equally small changes would have turned the answer.",
        { } change => $"No single change would have turned the answer; {change.Alternatives.Count} equally small changes of {change.Features} things together would have.",
    };

    /// <summary>Where the change was looked for.</summary>
    public static string Scope(ITrainingView view) => view.AllPoints is { } points
        ? $"All {points.Count} possible inputs were looked at: as few things as possible change, and those as little as possible."
        : $"Looked for on a fixed grid of {Counts(view)}: as few things as possible change, and those as little as possible. Between its values something smaller may lie.";

    /// <summary>"Without any 3 of the 12 neighbours who survived the answer would have been the opposite."</summary>
    public static string Removal(Explanation explanation)
    {
        const string opposite = "the answer would have been the opposite";
        if (explanation.Removal is not { } removal)
            return "However many of the learned passengers were left out, the answer would have stayed, as long as enough are left for one.";
        if (!removal.AnyOfTheirKind)
            return $"Without {Passengers(removal)} {opposite}; no smaller number would do.";
        var (fate, all) = removal.Of[0].Survived
            ? ("survived", explanation.Neighbors.Sum(neighbor => neighbor.Survived))
            : ("died", explanation.Neighbors.Sum(neighbor => neighbor.Died));
        return removal.Rows == all
            ? string.Create(CultureInfo.InvariantCulture, $"Without {(all == 1 ? "the one neighbour" : $"all {all:#,##0} neighbours")} who {fate} {opposite}.")
            : string.Create(CultureInfo.InvariantCulture, $"Without any {removal.Rows:#,##0} of the {all:#,##0} neighbours who {fate} {opposite}.");
    }

    /// <summary>"3 of the learned passengers who survived and 1 who died".</summary>
    private static string Passengers(MinimalRemovalSet removal)
    {
        (int Rows, string Fate)[] kinds = [.. new[] { true, false }
            .Select(survived => (removal.Of.Where(removed => removed.Survived == survived).Sum(removed => removed.Rows), survived ? "survived" : "died"))
            .Where(kind => kind.Item1 > 0)];
        return string.Join(" and ", kinds.Select((kind, i) => string.Create(
            CultureInfo.InvariantCulture, $"{kind.Rows:#,##0}{(i == 0 ? " of the nearest learned passengers" : "")} who {kind.Fate}")));
    }

    private static string Counts(ITrainingView view)
    {
        string[] counts = [.. view.Axes.Select(axis => string.Create(CultureInfo.InvariantCulture, $"{axis.Values.Count} {axis.Question switch
        {
            "pclass" => "classes",
            "sex" => "sexes",
            "age" => "ages",
            _ => "ticket prices",
        }}"))];
        return $"{string.Join(", ", counts[..^1])} and {counts[^1]}";
    }
}
