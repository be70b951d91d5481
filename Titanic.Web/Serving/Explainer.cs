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
        var question = new PassengerInput(prediction.Pclass, SexConverter.Format(prediction.Sex), prediction.AgeInYears, prediction.FareInPounds);
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
