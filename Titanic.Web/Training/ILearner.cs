namespace Titanic.Web.Training;

/// <summary>Something that can be fitted on rows and measured: the K-NN and the baselines it has to beat.</summary>
public interface ILearner
{
    string Name { get; }

    /// <exception cref="TrainingRefusedException">These rows cannot be learned from.</exception>
    IClassifier Fit(LabelledPoints training);
}

/// <summary>A fitted, immutable model: safe for concurrent use.</summary>
public interface IClassifier
{
    /// <param name="point">One raw value per feature, as in training.</param>
    Prediction Predict(ReadOnlySpan<double> point);
}

/// <param name="Probability">Estimated probability of having survived, 0..1.</param>
public readonly record struct Prediction(bool Survived, double Probability)
{
    /// <summary>
    /// Laplace's rule of succession: (s+1)/(n+2) for s survivors among n rows, never 0 or 1. Survived only if more than half did.
    /// </summary>
    public static Prediction FromCounts(int survivors, int rows) =>
        new(survivors > rows - survivors, (survivors + 1.0) / (rows + 2.0));
}
