namespace Titanic.Web.Training.Evaluation;

/// <summary>Rows by what happened and what was predicted; positive = survived. Figures without a denominator are null.</summary>
public sealed record ConfusionMatrix(int TrueNegatives, int FalsePositives, int FalseNegatives, int TruePositives)
{
    /// <summary>Rows with this actual and this predicted label.</summary>
    public int this[SurvivalLabel actual, SurvivalLabel predicted] => (actual, predicted) switch
    {
        (SurvivalLabel.Died, SurvivalLabel.Died) => TrueNegatives,
        (SurvivalLabel.Died, SurvivalLabel.Survived) => FalsePositives,
        (SurvivalLabel.Survived, SurvivalLabel.Died) => FalseNegatives,
        (SurvivalLabel.Survived, SurvivalLabel.Survived) => TruePositives,
        _ => throw new ArgumentOutOfRangeException(nameof(actual), $"There is no cell {actual}/{predicted}; labels are Died and Survived."),
    };

    public static ConfusionMatrix Of(IEnumerable<ScoredRow> rows)
    {
        var (trueNegatives, falsePositives, falseNegatives, truePositives) = (0, 0, 0, 0);
        foreach (var row in rows)
        {
            switch (row.Actual, row.Predicted)
            {
                case (false, false): trueNegatives += row.Rows; break;
                case (false, true): falsePositives += row.Rows; break;
                case (true, false): falseNegatives += row.Rows; break;
                case (true, true): truePositives += row.Rows; break;
            }
        }
        return new ConfusionMatrix(trueNegatives, falsePositives, falseNegatives, truePositives);
    }

    public int Rows => TrueNegatives + FalsePositives + FalseNegatives + TruePositives;

    /// <summary>Right answers among all rows.</summary>
    public Proportion Accuracy => new(TrueNegatives + TruePositives, Rows);

    /// <summary>Survivors among the rows predicted as survived.</summary>
    public Proportion Precision => new(TruePositives, TruePositives + FalsePositives);

    /// <summary>Survivors that were found (sensitivity).</summary>
    public Proportion Recall => new(TruePositives, TruePositives + FalseNegatives);

    /// <summary>Victims that were found.</summary>
    public Proportion Specificity => new(TrueNegatives, TrueNegatives + FalsePositives);

    /// <summary>Mean of recall and specificity; null unless both classes are there.</summary>
    public double? BalancedAccuracy => (Recall.Value + Specificity.Value) / 2;

    /// <summary>2TP / (2TP + FP + FN): the harmonic mean of precision and recall; null if nobody survived or was predicted to.</summary>
    public double? F1 =>
        new Proportion(2 * TruePositives, 2 * TruePositives + FalsePositives + FalseNegatives).Value;
}
