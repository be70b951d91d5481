using Titanic.Web.Monitoring;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Pages.Shared;

/// <summary>
/// A confusion matrix as the partial <c>_ConfusionMatrix</c> shows it: rows are what happened, columns what was predicted. Counts are
/// reached by label only, so that no page can swap an axis.
/// </summary>
/// <param name="Caption">What was measured, on what; stands above the table.</param>
public sealed record ConfusionTable(string Caption, double TrueNegatives, double FalsePositives, double FalseNegatives, double TruePositives)
{
    public static IReadOnlyList<SurvivalLabel> Labels { get; } = Enum.GetValues<SurvivalLabel>();

    /// <summary>Where the rows of a cell are listed, by outcome (of <see cref="PredictionFilter.Outcomes"/>); null where they are listed nowhere.</summary>
    public Func<string, string>? AddressOf { get; init; }

    public double this[SurvivalLabel actual, SurvivalLabel predicted] => (actual, predicted) switch
    {
        (SurvivalLabel.Died, SurvivalLabel.Died) => TrueNegatives,
        (SurvivalLabel.Died, SurvivalLabel.Survived) => FalsePositives,
        (SurvivalLabel.Survived, SurvivalLabel.Died) => FalseNegatives,
        _ => TruePositives,
    };

    /// <summary>The cell's address; null where there is none.</summary>
    public string? Address(SurvivalLabel actual, SurvivalLabel predicted) => AddressOf?.Invoke((actual, predicted) switch
    {
        (SurvivalLabel.Died, SurvivalLabel.Died) => PredictionFilter.TrueNegative,
        (SurvivalLabel.Died, SurvivalLabel.Survived) => PredictionFilter.FalsePositive,
        (SurvivalLabel.Survived, SurvivalLabel.Died) => PredictionFilter.FalseNegative,
        _ => PredictionFilter.TruePositive,
    });

    public double Rows => TrueNegatives + FalsePositives + FalseNegatives + TruePositives;

    /// <summary>Right answers among all, 0..1; null without rows.</summary>
    public double? Accuracy => Rows > 0 ? (TrueNegatives + TruePositives) / Rows : null;

    public static ConfusionTable Of(string caption, ConfusionMatrix matrix) =>
        new(caption, matrix.TrueNegatives, matrix.FalsePositives, matrix.FalseNegatives, matrix.TruePositives);

    public static ConfusionTable Of(string caption, ConfusionCounts counts) =>
        new(caption, counts.TrueNegatives, counts.FalsePositives, counts.FalseNegatives, counts.TruePositives);
}
