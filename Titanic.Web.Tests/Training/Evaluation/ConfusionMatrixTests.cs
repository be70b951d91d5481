using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

public sealed class ConfusionMatrixTests
{
    private static readonly ConfusionMatrix Matrix = new(TrueNegatives: 5, FalsePositives: 1, FalseNegatives: 2, TruePositives: 4);

    [Fact]
    public void Indexer_reads_cells_by_actual_and_predicted_label()
    {
        Assert.Equal(5, Matrix[actual: SurvivalLabel.Died, predicted: SurvivalLabel.Died]);
        Assert.Equal(1, Matrix[actual: SurvivalLabel.Died, predicted: SurvivalLabel.Survived]);
        Assert.Equal(2, Matrix[actual: SurvivalLabel.Survived, predicted: SurvivalLabel.Died]);
        Assert.Equal(4, Matrix[actual: SurvivalLabel.Survived, predicted: SurvivalLabel.Survived]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Matrix[(SurvivalLabel)2, SurvivalLabel.Died]);
    }

    [Fact]
    public void Counts_rows_by_actual_and_predicted_label()
    {
        ScoredRow[] rows =
        [
            new(0.1, Predicted: false, Actual: false, Rows: 5),
            new(0.9, Predicted: true, Actual: false),
            new(0.2, Predicted: false, Actual: true, Rows: 2),
            new(0.8, Predicted: true, Actual: true, Rows: 3),
            new(0.7, Predicted: true, Actual: true),
        ];

        Assert.Equal(Matrix, ConfusionMatrix.Of(rows));
    }

    [Fact]
    public void Metrics_match_their_definitions()
    {
        Assert.Equal(new Proportion(9, 12), Matrix.Accuracy);
        Assert.Equal(new Proportion(4, 5), Matrix.Precision);
        Assert.Equal(new Proportion(4, 6), Matrix.Recall);
        Assert.Equal(new Proportion(5, 6), Matrix.Specificity);
        Assert.Equal(0.75, Matrix.BalancedAccuracy!.Value, 1e-15);
        Assert.Equal(2 * 0.8 * (2.0 / 3) / (0.8 + 2.0 / 3), Matrix.F1!.Value, 1e-15);
    }

    [Fact]
    public void Metrics_without_a_denominator_are_null()
    {
        var withoutSurvivors = new ConfusionMatrix(3, 0, 0, 0);

        Assert.Null(withoutSurvivors.Precision.Value);
        Assert.Null(withoutSurvivors.Recall.Value);
        Assert.Null(withoutSurvivors.BalancedAccuracy);
        Assert.Null(withoutSurvivors.F1);
        Assert.Null(new ConfusionMatrix(0, 0, 0, 0).Accuracy.Value);
    }
}
