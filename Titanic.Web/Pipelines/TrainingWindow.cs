using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Training;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Pipelines;

/// <summary>
/// Decides from which event time the training data start. Without an accuracy alarm, they start as those of the champion. While the alarm is
/// raised, three starts are compared: all passengers, the start of the champion, and the estimated day of the fall in accuracy.
/// </summary>
public sealed class TrainingWindow(TrainingDatasets datasets, DriftReader drift)
{
    /// <summary>Minimum number of labeled rows since the fall for a model of these rows only.</summary>
    public const int MinimumRows = 20;

    /// <summary>
    /// Selects the start whose models predict most of the rows since the fall correctly, each row by a model that was fitted without its person.
    /// With equal numbers, the earliest start, which has most rows.
    /// </summary>
    /// <param name="learner">Fitted once for each start and fold, on the rows of the view of <paramref name="definition"/>.</param>
    /// <param name="definition">The training data from the start of the champion.</param>
    /// <param name="progress">Counts the fits.</param>
    public async Task<TrainingDatasetDefinition> Select(ILearner learner, TrainingDatasetDefinition definition, StepProgress progress)
    {
        var cancellation = progress.Cancellation;
        if (await drift.FindFall(cancellation) is not { } fall || await TryRead(definition with { EventTimeFrom = FeatureReader.StartOf(fall) }, cancellation) is not { } recent)
            return definition;
        var (selected, mostCorrect) = (definition, -1);
        foreach (var start in ((DateTimeOffset?[])[null, definition.EventTimeFrom, recent.Definition.EventTimeFrom]).Distinct())
        {
            var from = definition with { EventTimeFrom = start };
            var training = from == recent.Definition ? recent.Folds : GroupKFold.Of(await datasets.ReadPoints(from, cancellation));
            if (CountCorrect(learner, definition.View.Schema, training, recent.Folds, progress) is { } correct && correct > mostCorrect)
                (selected, mostCorrect) = (from, correct);
        }
        return selected;
    }

    /// <summary>Null if the definition selects fewer than <see cref="MinimumRows"/> labeled rows.</summary>
    private async Task<(TrainingDatasetDefinition Definition, GroupKFold Folds)?> TryRead(TrainingDatasetDefinition definition, CancellationToken cancellation)
    {
        try
        {
            var points = await datasets.ReadPoints(definition, cancellation);
            return points.Points.Sum(point => point.Rows) < MinimumRows ? null : (definition, GroupKFold.Of(points));
        }
        catch (EmptyTrainingDatasetException)
        {
            return null;
        }
    }

    /// <returns>Null if the learner cannot be fitted without one of the folds, for example because all other rows have one outcome.</returns>
    private static int? CountCorrect(ILearner learner, FeatureViewSchema view, GroupKFold training, GroupKFold recent, StepProgress progress)
    {
        try
        {
            return ConfusionMatrix.Of(CrossFit.Fit(learner, view, training, progress).Score(recent)).Accuracy.Successes;
        }
        catch (TrainingFailedException)
        {
            return null;
        }
    }
}
