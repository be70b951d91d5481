using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Training.Selection;

/// <summary>How good the answers for one fold's rows are.</summary>
/// <param name="Brier">Mean squared difference between the probability and what happened (1 or 0).</param>
/// <param name="Accuracy">Share of right answers, 0..1.</param>
public readonly record struct FoldScore(double Brier, double Accuracy)
{
    public static FoldScore Of(IReadOnlyList<ScoredRow> answers)
    {
        var (rows, right, squares) = (0, 0, 0.0);
        foreach (var answer in answers)
        {
            var difference = answer.Probability - (answer.Actual ? 1 : 0);
            squares += answer.Rows * difference * difference;
            right += answer.Predicted == answer.Actual ? answer.Rows : 0;
            rows += answer.Rows;
        }
        return new FoldScore(squares / rows, (double)right / rows);
    }
}
