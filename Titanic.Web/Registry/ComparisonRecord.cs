namespace Titanic.Web.Registry;

/// <summary>A version beside other learners, all measured on the same folds of the same rows.</summary>
/// <param name="Brier">The version's own mean over the folds.</param>
/// <param name="Accuracy">The version's own mean over the folds, 0..1.</param>
public sealed record ComparisonRecord(
    int Rows, int Repeats, int Folds, long Seed, double Brier, double Accuracy, IReadOnlyList<OpponentRecord> Opponents);

/// <summary>Another learner; figures are null where it could not be measured.</summary>
/// <param name="Features">What it sees, in words.</param>
/// <param name="BrierDifference">Its Brier score minus the version's, with the 95 % interval: above 0 the version is better.</param>
/// <param name="AccuracyDifference">Its accuracy minus the version's: below 0 the version is better.</param>
/// <param name="NotMeasured">Why there are no figures, as a sentence.</param>
public sealed record OpponentRecord(
    string Name, string Features, double? Brier, double? Accuracy, Figure? BrierDifference, Figure? AccuracyDifference, string? NotMeasured = null);
