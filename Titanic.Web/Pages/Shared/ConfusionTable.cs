using Titanic.Web.Registry;
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

    public double this[SurvivalLabel actual, SurvivalLabel predicted] => (actual, predicted) switch
    {
        (SurvivalLabel.Died, SurvivalLabel.Died) => TrueNegatives,
        (SurvivalLabel.Died, SurvivalLabel.Survived) => FalsePositives,
        (SurvivalLabel.Survived, SurvivalLabel.Died) => FalseNegatives,
        _ => TruePositives,
    };

    public double Rows => TrueNegatives + FalsePositives + FalseNegatives + TruePositives;

    /// <summary>Right answers among all, 0..1; null without rows.</summary>
    public double? Accuracy => Rows > 0 ? (TrueNegatives + TruePositives) / Rows : null;

    public static ConfusionTable Of(string caption, ConfusionMatrix matrix) =>
        new(caption, matrix.TrueNegatives, matrix.FalsePositives, matrix.FalseNegatives, matrix.TruePositives);

    public static ConfusionTable Of(string caption, ConfusionCounts counts) =>
        new(caption, counts.TrueNegatives, counts.FalsePositives, counts.FalseNegatives, counts.TruePositives);
}
