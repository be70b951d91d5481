namespace Titanic.Web.Training.Knn;

/// <param name="EncoderId">Which encoder made the features, e.g. "titanic_binned/1"; the model carries it, 1..200 characters.</param>
public sealed record KnnTrainer(KnnOptions Options, string EncoderId) : ILearner
{
    public string Name => "knn";

    /// <summary>Learns nothing but the rows and their scale: O(distinct points x features).</summary>
    /// <exception cref="TrainingRefusedException">No rows, one class only, or more neighbours than rows.</exception>
    public KnnModel Fit(LabelledPoints training)
    {
        if (EncoderId is not { Length: > 0 and <= LabelledPoints.MaximumNameLength })
            throw new TrainingRefusedException(
                $"The encoder id has {EncoderId?.Length ?? 0} characters; it must have 1..{LabelledPoints.MaximumNameLength}.");
        if (training.Rows == 0)
            throw new TrainingRefusedException("There are 0 training rows; there must be rows that survived and rows that died.");
        if (training.SurvivedRows == 0 || training.DiedRows == 0)
        {
            var outcome = training.SurvivedRows == 0 ? "died" : "survived";
            throw new TrainingRefusedException($"All {training.Rows} training rows {outcome}; there must be rows of both outcomes.");
        }
        if (Options.Problem(training.Rows) is { } problem)
            throw new TrainingRefusedException(problem);

        return new KnnModel(EncoderId, Options, training);
    }

    IClassifier ILearner.Fit(LabelledPoints training) => Fit(training);
}
