using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Training.Knn;

public sealed partial class KnnModel
{
    /// <summary>
    /// This model's honest answers for any rows: a row it was fitted on is answered without that row, any other as it is. Two
    /// models' answers for the same rows, fitted on overlapping sets, are thus comparable (<see cref="PairedComparison.Of"/>).
    /// </summary>
    /// <returns>In the order of the points, victims before survivors, among equal rows the fitted ones first.</returns>
    public List<ScoredRow> ScoreWithoutLeak(LabelledPoints rows)
    {
        var scored = new List<ScoredRow>(2 * rows.Count);
        for (var index = 0; index < rows.Count; index++)
        {
            foreach (var survived in (ReadOnlySpan<bool>)[false, true])
                ScoreWithoutLeak(rows.Point(index), survived, rows.RowsOf(index, survived), scored);
        }
        return scored;
    }

    private void ScoreWithoutLeak(ReadOnlySpan<double> point, bool survived, int rows, List<ScoredRow> scored)
    {
        var trained = Training.IndexOf(point);
        var seen = trained < 0 ? 0 : Math.Min(rows, Training.RowsOf(trained, survived));
        if (seen > 0)
            scored.Add(Score(PredictLeavingOut(point, survived), survived, seen));
        if (rows > seen)
            scored.Add(Score(Predict(point), survived, rows - seen));
    }

    private static ScoredRow Score(KnnAnswer answer, bool actual, int rows) => new(answer.Probability, answer.Survived, actual, rows);
}
