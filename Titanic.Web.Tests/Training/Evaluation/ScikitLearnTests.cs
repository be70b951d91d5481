using System.Text.Json;
using System.Text.Json.Serialization;
using Titanic.Web.Tests.Repository;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Tests.Training.Evaluation;

/// <summary>
/// Compares metrics with those of scikit-learn 1.2 in <c>scikit_learn_cases.json</c>, written by <c>scikit_learn_cases.py</c>.
/// </summary>
public sealed class ScikitLearnTests
{
    private static readonly Dictionary<string, Case> Cases = Read();

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Metrics_agree_with_scikit_learn(string name)
    {
        var (rows, expected) = Cases[name];

        var metrics = Metrics.Of(rows);

        Assert.Equal(
            expected.Confusion,
            (int[])[
                metrics.Confusion[actual: SurvivalLabel.Died, predicted: SurvivalLabel.Died], metrics.Confusion[actual: SurvivalLabel.Died, predicted: SurvivalLabel.Survived],
                metrics.Confusion[actual: SurvivalLabel.Survived, predicted: SurvivalLabel.Died], metrics.Confusion[actual: SurvivalLabel.Survived, predicted: SurvivalLabel.Survived],
            ]);
        Agree(expected.Accuracy, metrics.Accuracy.Value);
        Agree(expected.BalancedAccuracy, metrics.BalancedAccuracy);
        Agree(expected.Precision, metrics.Precision.Value);
        Agree(expected.Recall, metrics.Recall.Value);
        Agree(expected.F1, metrics.F1);
        Agree(expected.RocAuc, metrics.RocAuc);
        Agree(expected.AveragePrecision, metrics.AveragePrecision);
        Agree(expected.LogLoss, metrics.LogLoss);
        Agree(expected.Brier, metrics.Brier);
        Agree(expected.CalibrationError, metrics.CalibrationError);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Curves_agree_with_scikit_learn(string name)
    {
        var (rows, expected) = Cases[name];

        var curves = RankingCurves.Of(rows)!;
        var calibration = CalibrationBin.Of(rows).Index().Where(bin => bin.Item.Rows > 0);

        Agree(expected.Roc, [.. curves.Roc.Select(point => (double?[])[point.X, point.Y, point.Threshold])]);
        Agree(expected.PrecisionRecall, [.. curves.PrecisionRecall.Select(point => (double?[])[point.X, point.Y, point.Threshold])]);
        Agree(expected.Calibration, [.. calibration.Select(bin => (double?[])[bin.Index, bin.Item.Rows, bin.Item.MeanPredicted, bin.Item.Observed.Value])]);
    }

    private static void Agree(double?[][] expected, double?[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (expectedValue, actualValue) in expected.Zip(actual).SelectMany(row => row.First.Zip(row.Second)))
            Agree(expectedValue, actualValue);
    }

    private static void Agree(double? expected, double? actual)
    {
        Assert.Equal(expected is null, actual is null);
        if (expected is { } known)
            Assert.Equal(known, actual!.Value, 1e-12 * Math.Max(1, Math.Abs(known)));
    }

    private static Dictionary<string, Case> Read()
    {
        var path = Path.Combine(RepositoryFolder.Root, "Titanic.Web.Tests", "Training", "Evaluation", "scikit_learn_cases.json");
        var file = JsonSerializer.Deserialize<CaseFile>(File.ReadAllText(path), JsonSerializerOptions.Web)!;
        return file.Cases.ToDictionary(
            each => each.Name, each => new Case([.. each.Predictions.Select(row => new ScoredRow(row[0], row[0] > 0.5, row[1] == 1, (int)row[2]))], each.Expected));
    }

    private sealed record Case(ScoredRow[] Rows, Expected Expected);

    private sealed record CaseFile(IReadOnlyList<StoredCase> Cases);

    private sealed record StoredCase(string Name, [property: JsonPropertyName("answers")] double[][] Predictions, Expected Expected);

    private sealed record Expected(
        int[] Confusion, double? Accuracy, double? BalancedAccuracy, double? Precision, double? Recall, double? F1, double? RocAuc, double? AveragePrecision,
        double? LogLoss, double? Brier, double? CalibrationError, double?[][] Roc, double?[][] PrecisionRecall, double?[][] Calibration);
}
