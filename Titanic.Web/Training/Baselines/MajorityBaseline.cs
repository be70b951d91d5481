namespace Titanic.Web.Training.Baselines;

/// <summary>Answers what most training rows did, whoever is asked about; a tie is not survived.</summary>
public sealed class MajorityBaseline : ILearner
{
    public string Name => "majority";

    public IClassifier Fit(LabelledPoints training) =>
        training.Rows == 0
            ? throw new TrainingRefusedException("There are 0 training rows; the majority needs at least 1.")
            : new ConstantAnswer(Prediction.FromCounts(training.SurvivedRows, training.Rows));

    private sealed class ConstantAnswer(Prediction answer) : IClassifier
    {
        public Prediction Predict(ReadOnlySpan<double> point) => answer;
    }
}
