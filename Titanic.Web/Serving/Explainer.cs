using System.Globalization;
using System.Text.Json.Serialization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training.Explanations;

namespace Titanic.Web.Serving;

/// <summary>
/// Explains predictions: neighbors, counterfactuals, sensitivities and the minimal removal set come from the model, the names of neighbors
/// from its training dataset.
/// </summary>
public sealed class Explainer(TrainingDatasets datasets)
{
    /// <summary>The maximum number of passengers that are named for each neighbor.</summary>
    public const int MaximumPeoplePerNeighbor = 3;

    public async Task<ExplanationResponse> Explain(LoadedModel model, Prediction prediction, CancellationToken cancellation) =>
        (await Explain(model, [prediction], cancellation))[0];

    /// <summary>Explains several predictions. One query reads the names for all of them.</summary>
    /// <param name="model">The version that made the predictions.</param>
    /// <param name="predictions">Any number; the explanations have the same order.</param>
    /// <param name="cancellation">Cancels the query.</param>
    /// <exception cref="InvalidDataException">The encoded input of a prediction is not a point of the model's view.</exception>
    public async Task<IReadOnlyList<ExplanationResponse>> Explain(
        LoadedModel model, IReadOnlyList<Prediction> predictions, CancellationToken cancellation)
    {
        var explanations = predictions.Select(prediction => model.Explain(prediction.PointIn(model.View))).ToList();
        var kinds = explanations.SelectMany(explanation => explanation.Neighbors).Select(ClassAndSexOf).ToHashSet();
        // The training rows of an imported model are not in this store, so their passengers have no names here.
        var known = model.TrainingDatasetId is { } dataset ? await datasets.HistoricalRows(dataset, model.View, kinds, cancellation) : [];
        var people = known.ToLookup(person => new PointKey(person.Features));
        return [.. predictions.Zip(explanations, (prediction, explanation) => ToResponse(model.View, prediction, explanation, people))];
    }

    /// <summary>The first two features of every view are the class and the sex, not encoded.</summary>
    private static (int Pclass, Sex Sex) ClassAndSexOf(NeighborInput neighbor) => ((int)neighbor.Point[0], (Sex)(int)neighbor.Point[1]);

    private static ExplanationResponse ToResponse(ITrainingView view, Prediction prediction, Explanation explanation, ILookup<PointKey, HistoricalRow> people)
    {
        return new ExplanationResponse(
            [.. explanation.Neighbors.Select(neighbor => ToResponse(view, neighbor, people[new PointKey(neighbor.Point)]))],
            new CounterfactualResponse(
                ExplanationText.Counterfactual(explanation), explanation.IsExhaustive, ExplanationText.Scope(view), explanation.Counterfactual?.Distance,
                [.. explanation.Counterfactual?.Alternatives.Select(changed => ToResponse(view, prediction, changed)) ?? []]),
            new MinimalRemovalResponse(
                ExplanationText.MinimalRemoval(explanation), explanation.MinimalRemoval?.Rows,
                [
                    .. explanation.MinimalRemoval?.Removed.Select(removed =>
                        new RemovedInput(EncodedValue.Of(view, removed.Input.Point), removed.Survived, removed.Rows)) ?? [],
                ]),
            [.. explanation.Sensitivities.Select(ToResponse)]);
    }

    private static NeighborResponse ToResponse(ITrainingView view, NeighborInput neighbor, IEnumerable<HistoricalRow> people)
    {
        NamedPassenger[] named = [.. people.Take(MaximumPeoplePerNeighbor).Select(person => new NamedPassenger(person.SourceKey, person.Name, person.Survived))];
        return new NeighborResponse(
            EncodedValue.Of(view, neighbor.Point), neighbor.Died, neighbor.Survived, neighbor.Distance, named, neighbor.Rows - named.Length);
    }

    private static CounterfactualAlternative ToResponse(ITrainingView view, Prediction prediction, CounterfactualInput changed)
    {
        var input = new PredictionInput(prediction.Pclass, prediction.Sex, prediction.AgeInYears, prediction.FareInPounds);
        foreach (var change in changed.Changes)
            input = input.With(change.Axis.InputField, change.Value);
        return new CounterfactualAlternative(
            ExplanationText.Alternative(changed),
            [.. changed.Changes.Select(change => new EncodedValue(change.Axis.Feature, change.Value.Code, change.Value.Name))],
            input, changed.Prediction.Survived, changed.Prediction.Probability);
    }

    private static SensitivityResponse ToResponse(Sensitivity sensitivity) => new(
        sensitivity.Axis.Feature, sensitivity.Axis.InputField,
        [.. sensitivity.Values.Select(value => new SensitivityValueResponse(
            value.Value.Code, value.Value.Name, value.Value.Lowest, value.Value.Highest,
            value.IsCurrent, value.Prediction.Survived, value.Prediction.Probability))]);

    /// <summary>Compares encoded points by value; exact, because equal inputs of one encoder give identical bits.</summary>
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

/// <summary>The texts of an explanation.</summary>
internal static class ExplanationText
{
    /// <summary>"The prediction changes to survived if the passenger is female."</summary>
    public static string Alternative(CounterfactualInput changed) =>
        $"The prediction changes to {(changed.Prediction.Survived ? "survived" : "died")} if "
        + $"{string.Join(" and ", changed.Changes.Select(change => change.Value.Clause))}.";

    public static string Counterfactual(Explanation explanation) => explanation.Counterfactual switch
    {
        null when explanation.IsExhaustive => "No change of class, sex, age or fare flips the prediction.",
        null => "No change of class, sex, age or fare on the grid flips the prediction.",
        { Alternatives: [var only] } => Alternative(only),
        { Features: 1 } change => $"Any one of {change.Alternatives.Count} equally small changes flips the prediction.",
        { } change => $"No change of fewer than {change.Features} values flips the prediction; "
            + $"{change.Alternatives.Count} equally small changes of {change.Features} values do.",
    };

    /// <summary>Which inputs were searched for the change, and what "smallest" means.</summary>
    public static string Scope(ITrainingView view) => view.AllPoints is { } points
        ? $"All {points.Count:#,##0} possible inputs were searched, for the fewest changed values and then for the smallest distance."
        : $"Searched a fixed grid of {GridSize(view)}, for the fewest changed values and then for the smallest distance. "
            + "A smaller change may exist between grid values.";

    /// <summary>"Any 3 of the 12 neighbors who survived would have to be removed to flip the prediction."</summary>
    public static string MinimalRemoval(Explanation explanation)
    {
        const string needed = "would have to be removed to flip the prediction";
        if (explanation.MinimalRemoval is not { } removal)
            return "No removal of training rows flips the prediction, as long as enough rows remain to predict.";
        if (!removal.IsInterchangeable)
            return $"{RemovedRows(removal)} {needed}; no smaller number is enough.";
        var (outcome, all) = removal.Removed[0].Survived
            ? ("survived", explanation.Neighbors.Sum(neighbor => neighbor.Survived))
            : ("died", explanation.Neighbors.Sum(neighbor => neighbor.Died));
        return removal.Rows == all
            ? string.Create(CultureInfo.InvariantCulture, $"{(all == 1 ? "The one neighbor" : $"All {all:#,##0} neighbors")} who {outcome} {needed}.")
            : string.Create(CultureInfo.InvariantCulture, $"Any {removal.Rows:#,##0} of the {all:#,##0} neighbors who {outcome} {needed}.");
    }

    /// <summary>"3 of the nearest training rows that survived and 1 that died".</summary>
    private static string RemovedRows(MinimalRemovalSet removal)
    {
        (int Rows, string Outcome)[] groups = [.. new[] { true, false }
            .Select(survived => (
                removal.Removed.Where(removed => removed.Survived == survived).Sum(removed => removed.Rows), survived ? "survived" : "died"))
            .Where(group => group.Item1 > 0)];
        return string.Join(" and ", groups.Select((group, i) => string.Create(
            CultureInfo.InvariantCulture, $"{group.Rows:#,##0}{(i == 0 ? " of the nearest training passengers" : "")} who {group.Outcome}")));
    }

    /// <summary>"3 classes, 2 sexes, 17 ages and 17 fares".</summary>
    private static string GridSize(ITrainingView view)
    {
        string[] counts = [.. view.Axes.Select(axis => string.Create(CultureInfo.InvariantCulture, $"{axis.Values.Count} {axis.InputField switch
        {
            "pclass" => "classes",
            "sex" => "sexes",
            "age" => "ages",
            _ => "fares",
        }}"))];
        return $"{string.Join(", ", counts[..^1])} and {counts[^1]}";
    }
}

/// <summary>The explanation of one prediction, as pages display it and the API returns it.</summary>
/// <param name="Neighbors">The training inputs whose rows voted, nearest first.</param>
/// <param name="Change">The counterfactuals: the smallest changes of the input that flip the prediction.</param>
/// <param name="Removal">The smallest set of training rows whose removal flips the prediction.</param>
/// <param name="Sensitivity">For each feature, the prediction for each of its values with all other features unchanged.</param>
public sealed record ExplanationResponse(
    IReadOnlyList<NeighborResponse> Neighbors, CounterfactualResponse Change, MinimalRemovalResponse Removal, IReadOnlyList<SensitivityResponse> Sensitivity);

/// <summary>A training input whose rows voted.</summary>
/// <param name="Died">The number of rows with this input whose passengers died.</param>
/// <param name="Survived">The number of rows with this input whose passengers survived.</param>
/// <param name="Distance">From the predicted input, in standard deviations of the features; 0 for an identical input.</param>
/// <param name="People">At most 3 passengers of the historical list with this input.</param>
/// <param name="More">The number of other rows of the training dataset with this input.</param>
public sealed record NeighborResponse(
    IReadOnlyList<EncodedValue> Input, int Died, int Survived, double Distance, IReadOnlyList<NamedPassenger> People, int More)
{
    /// <summary>The input as text, for example "2nd class, male, Child, over £25 to £50".</summary>
    [JsonIgnore]
    public string Description => string.Join(", ", Input.Select(value => value.Meaning));
}

/// <summary>A passenger of the historical list.</summary>
/// <param name="Key">The key in the historical list: the passenger's page is <c>/features/passengers/titanic3/{key}</c>.</param>
public sealed record NamedPassenger(string Key, string Name, bool Survived);

/// <summary>The encoded value of one feature and its meaning, for example "Young adult".</summary>
public sealed record EncodedValue(string Feature, double Value, string Meaning)
{
    public static IReadOnlyList<EncodedValue> Of(ITrainingView view, IReadOnlyList<double> point) =>
        [.. view.Schema.FeatureNames.Select((feature, i) => new EncodedValue(feature, point[i], view.NameOf(i, point[i])))];
}

/// <summary>The counterfactuals of a prediction: the smallest changes of the input that flip it.</summary>
/// <param name="Sentence">The result as a sentence, also where no change flips the prediction.</param>
/// <param name="IsExact">True where every possible input was searched; false where a fixed grid was.</param>
/// <param name="Scope">Which inputs were searched, as a sentence.</param>
/// <param name="Distance">Of the changed input from the predicted one, in standard deviations; null without an alternative.</param>
/// <param name="Alternatives">All equally small changes; empty where no change flips the prediction.</param>
public sealed record CounterfactualResponse(string Sentence, bool IsExact, string Scope, double? Distance, IReadOnlyList<CounterfactualAlternative> Alternatives);

/// <summary>One changed input with the opposite prediction.</summary>
/// <param name="Changes">The changed features with their new values.</param>
/// <param name="Input">
/// The input to request: each changed field has the value of its group that is nearest to the original value.
/// </param>
/// <param name="Probability">The predicted probability of survival for this input, 0 to 1.</param>
public sealed record CounterfactualAlternative(string Sentence, IReadOnlyList<EncodedValue> Changes, [property: JsonPropertyName("question")] PredictionInput Input, bool Survived, double Probability);

/// <summary>The smallest set of training rows whose removal flips the prediction.</summary>
/// <param name="Sentence">The result as a sentence, also where no removal flips the prediction.</param>
/// <param name="Rows">The number of rows; null where no removal flips the prediction.</param>
/// <param name="Inputs">One such set, grouped by input and outcome.</param>
public sealed record MinimalRemovalResponse(string Sentence, int? Rows, IReadOnlyList<RemovedInput> Inputs);

/// <summary>Rows of a removal set that have the same input and outcome.</summary>
public sealed record RemovedInput(IReadOnlyList<EncodedValue> Input, bool Survived, int Rows);

/// <summary>The predictions for each value of one feature, with all other features unchanged.</summary>
/// <param name="Field">The field of the input that the feature encodes: pclass, sex, age or fare.</param>
public sealed record SensitivityResponse(string Feature, [property: JsonPropertyName("question")] string Field, IReadOnlyList<SensitivityValueResponse> Values);

/// <summary>One value of a feature and its prediction.</summary>
/// <param name="Value">The encoded value.</param>
/// <param name="Lowest">The smallest raw value that is encoded as this one; null for a missing value.</param>
/// <param name="Highest">The largest; null for a missing value and for a group without an upper limit.</param>
/// <param name="IsCurrent">True for the value of the predicted input.</param>
/// <param name="Probability">The predicted probability of survival, 0 to 1.</param>
public sealed record SensitivityValueResponse(double Value, string Meaning, double? Lowest, double? Highest, [property: JsonPropertyName("isAsked")] bool IsCurrent, bool Survived, double Probability);
