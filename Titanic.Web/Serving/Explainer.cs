using System.Globalization;
using System.Text.Json.Serialization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training.Explanations;

namespace Titanic.Web.Serving;

/// <summary>Explains answers: the model says why, the training dataset who stands behind it.</summary>
public sealed class Explainer(TrainingDatasets datasets)
{
    /// <summary>So many people are named for each input at most.</summary>
    public const int MostPeople = 3;

    public async Task<ExplainedAnswer> Explain(ServedModel model, Prediction prediction, CancellationToken cancellation) =>
        (await Explain(model, [prediction], cancellation))[0];

    /// <summary>Everybody behind all of the answers is looked up by one query.</summary>
    /// <param name="model">The version that gave the answers.</param>
    public async Task<IReadOnlyList<ExplainedAnswer>> Explain(ServedModel model, IReadOnlyList<Prediction> predictions, CancellationToken cancellation)
    {
        var explanations = predictions.Select(prediction => model.Explain(prediction.PointIn(model.View))).ToList();
        var kinds = explanations.SelectMany(explanation => explanation.Neighbors).Select(KindOf).ToHashSet();
        var known = model.TrainingDatasetId is { } dataset ? await datasets.HistoricalRows(dataset, model.View, kinds, cancellation) : [];
        var people = known.ToLookup(person => new PointKey(person.Features)); // rows that came with an archive have no names
        return [.. predictions.Zip(explanations, (prediction, explanation) => Told(model.View, prediction, explanation, people))];
    }

    /// <summary>Every view begins with the class and the sex as they are.</summary>
    private static (int Pclass, Sex Sex) KindOf(NeighborInput neighbor) => ((int)neighbor.Point[0], (Sex)(int)neighbor.Point[1]);

    private static ExplainedAnswer Told(ITrainingView view, Prediction prediction, Explanation explanation, ILookup<PointKey, HistoricalRow> people)
    {
        return new ExplainedAnswer(
            [.. explanation.Neighbors.Select(neighbor => Told(view, neighbor, people[new PointKey(neighbor.Point)]))],
            new ExplainedChange(
                ExplanationWords.Change(explanation), explanation.IsComplete, ExplanationWords.Scope(view), explanation.Change?.Distance,
                [.. explanation.Change?.Alternatives.Select(changed => Told(view, prediction, changed)) ?? []]),
            new ExplainedRemoval(
                ExplanationWords.Removal(explanation), explanation.Removal?.Rows,
                [.. explanation.Removal?.Of.Select(removed => new RemovedInput(EncodedValue.Of(view, removed.Input.Point), removed.Survived, removed.Rows)) ?? []]),
            [.. explanation.Sensitivities.Select(Told)]);
    }

    private static ExplainedNeighbor Told(ITrainingView view, NeighborInput neighbor, IEnumerable<HistoricalRow> people)
    {
        KnownPerson[] named = [.. people.Take(MostPeople).Select(person => new KnownPerson(person.SourceKey, person.Name, person.Survived))];
        return new ExplainedNeighbor(
            EncodedValue.Of(view, neighbor.Point), neighbor.Died, neighbor.Survived, neighbor.Distance, named, neighbor.Rows - named.Length);
    }

    private static Alternative Told(ITrainingView view, Prediction prediction, ChangedInput changed)
    {
        var question = new PredictionInput(prediction.Pclass, prediction.Sex, prediction.AgeInYears, prediction.FareInPounds);
        foreach (var change in changed.Changes)
            question = question.With(change.Axis.Question, change.Value);
        return new Alternative(
            ExplanationWords.Of(changed), [.. changed.Changes.Select(change => new EncodedValue(change.Axis.Feature, change.Value.Code, change.Value.Name))],
            question, changed.Answer.Survived, changed.Answer.Probability);
    }

    private static ExplainedFeature Told(Sensitivity sensitivity) => new(
        sensitivity.Axis.Feature, sensitivity.Axis.Question,
        [.. sensitivity.Values.Select(what => new ExplainedValue(
            what.Value.Code, what.Value.Name, what.Value.Lowest, what.Value.Highest, what.IsAsked, what.Answer.Survived, what.Answer.Probability))]);

    /// <summary>An encoded point by its values: points of one encoder are equal to the bit or not at all.</summary>
    private readonly record struct PointKey(double[] Point)
    {
        public bool Equals(PointKey other) => Point.AsSpan().SequenceEqual(other.Point);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            foreach (var value in Point)
                hash.Add(value);
            return hash.ToHashCode();
        }
    }
}

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

/// <summary>Why an answer came out as it did, in people's terms: as pages show it and the API gives it.</summary>
/// <param name="Neighbors">The inputs whose rows voted, nearest first.</param>
public sealed record ExplainedAnswer(
    IReadOnlyList<ExplainedNeighbor> Neighbors, ExplainedChange Change, ExplainedRemoval Removal, IReadOnlyList<ExplainedFeature> Sensitivity);

/// <param name="Distance">From what was asked, in standard deviations.</param>
/// <param name="People">Some of those of the historical list who stand there.</param>
/// <param name="More">How many others of the training dataset stand there.</param>
public sealed record ExplainedNeighbor(
    IReadOnlyList<EncodedValue> Input, int Died, int Survived, double Distance, IReadOnlyList<KnownPerson> People, int More)
{
    [JsonIgnore]
    public string InWords => string.Join(", ", Input.Select(value => value.Meaning));
}

/// <param name="Key">Of the historical list: the passenger's page is <c>/features/passengers/titanic3/{key}</c>.</param>
public sealed record KnownPerson(string Key, string Name, bool Survived);

/// <summary>One encoded value and what it stands for.</summary>
public sealed record EncodedValue(string Feature, double Value, string Meaning)
{
    public static IReadOnlyList<EncodedValue> Of(ITrainingView view, IReadOnlyList<double> point) =>
        [.. view.Schema.FeatureNames.Select((feature, i) => new EncodedValue(feature, point[i], view.NameOf(i, point[i])))];
}

/// <summary>The smallest change of inputs that turns the answer.</summary>
/// <param name="Sentence">What was found, or that nothing was.</param>
/// <param name="IsExact">Whether every possible input was looked at.</param>
/// <param name="Scope">Where was looked, as a sentence.</param>
/// <param name="Distance">In standard deviations; null without an alternative.</param>
/// <param name="Alternatives">All changes that are equally small; none where nothing turns the answer.</param>
public sealed record ExplainedChange(string Sentence, bool IsExact, string Scope, double? Distance, IReadOnlyList<Alternative> Alternatives);

/// <param name="Question">What to ask for it: the values as they were, and of the changed ones the nearest that will do.</param>
public sealed record Alternative(string Sentence, IReadOnlyList<EncodedValue> Changes, PredictionInput Question, bool Survived, double Probability);

/// <summary>The fewest training rows without which the answer would have been the opposite.</summary>
/// <param name="Rows">Null where no removal turns the answer.</param>
/// <param name="Inputs">One choice of the rows, by where they stand.</param>
public sealed record ExplainedRemoval(string Sentence, int? Rows, IReadOnlyList<RemovedInput> Inputs);

public sealed record RemovedInput(IReadOnlyList<EncodedValue> Input, bool Survived, int Rows);

/// <summary>What the answer would be for each value of one feature, all else as asked.</summary>
/// <param name="Question">The member of the question that the feature is made of.</param>
public sealed record ExplainedFeature(string Feature, string Question, IReadOnlyList<ExplainedValue> Values);

/// <param name="Lowest">The smallest raw value that counts as this one; null for a missing value.</param>
/// <param name="Highest">The largest; null for a missing value and where there is no end.</param>
public sealed record ExplainedValue(double Value, string Meaning, double? Lowest, double? Highest, bool IsAsked, bool Survived, double Probability);
