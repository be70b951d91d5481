namespace Titanic.Web.Training.Evaluation;

/// <summary>An answer beside what happened, standing for <paramref name="Rows"/> equal rows.</summary>
/// <param name="Probability">Predicted probability of having survived, 0..1.</param>
public readonly record struct ScoredRow(double Probability, bool Predicted, bool Actual, int Rows = 1)
{
    public static ScoredRow Of(Prediction prediction, bool actual, int rows) =>
        new(prediction.Probability, prediction.Survived, actual, rows);
}
