using Titanic.Web.Monitoring;
using Titanic.Web.Training.Evaluation;

namespace Titanic.Web.Pages.Shared;

/// <summary>
/// A confusion matrix for the partial <c>_ConfusionMatrix</c>: rows are actual outcomes, columns are predictions. Cells are accessed by
/// label only, so that no page can swap the axes.
/// </summary>
/// <param name="Caption">The title of the table: the evaluated predictions.</param>
public sealed record ConfusionTable(string Caption, double TrueNegatives, double FalsePositives, double FalseNegatives, double TruePositives)
{
    public static IReadOnlyList<SurvivalLabel> Labels { get; } = Enum.GetValues<SurvivalLabel>();

    /// <summary>
    /// Returns the URL of the list of a cell's rows, for one of <see cref="PredictionFilter.Outcomes"/>. Null if there is no such list.
    /// </summary>
    public Func<string, string>? PathOf { get; init; }

    public double this[SurvivalLabel actual, SurvivalLabel predicted] => (actual, predicted) switch
    {
        (SurvivalLabel.Died, SurvivalLabel.Died) => TrueNegatives,
        (SurvivalLabel.Died, SurvivalLabel.Survived) => FalsePositives,
        (SurvivalLabel.Survived, SurvivalLabel.Died) => FalseNegatives,
        _ => TruePositives,
    };

    /// <summary>The URL of the list of the cell's rows; null if there is none.</summary>
    public string? Path(SurvivalLabel actual, SurvivalLabel predicted) => PathOf?.Invoke((actual, predicted) switch
    {
        (SurvivalLabel.Died, SurvivalLabel.Died) => PredictionFilter.TrueNegative,
        (SurvivalLabel.Died, SurvivalLabel.Survived) => PredictionFilter.FalsePositive,
        (SurvivalLabel.Survived, SurvivalLabel.Died) => PredictionFilter.FalseNegative,
        _ => PredictionFilter.TruePositive,
    });

    public double Rows => TrueNegatives + FalsePositives + FalseNegatives + TruePositives;

    /// <summary>Correct predictions among all rows, 0..1; null without rows.</summary>
    public double? Accuracy => Rows > 0 ? (TrueNegatives + TruePositives) / Rows : null;

    public static ConfusionTable Of(string caption, ConfusionMatrix matrix) =>
        new(caption, matrix.TrueNegatives, matrix.FalsePositives, matrix.FalseNegatives, matrix.TruePositives);

    public static ConfusionTable Of(string caption, ConfusionCounts counts) =>
        new(caption, counts.TrueNegatives, counts.FalsePositives, counts.FalseNegatives, counts.TruePositives);
}
