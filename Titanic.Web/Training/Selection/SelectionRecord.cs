namespace Titanic.Web.Training.Selection;

/// <summary>How the hyperparameters of a version were selected, as the registry stores it and the API returns it.</summary>
/// <param name="Settings">Description of the search; only searches with equal descriptions can replace each other.</param>
/// <param name="Datasets">SHA-256 of the training dataset in each view, by view.</param>
/// <param name="Reason">Reason for the choice, as a sentence.</param>
/// <param name="KeptFromVersion">The version whose search is still valid; null if this version was searched itself or could not be.</param>
/// <param name="Search">Null if the choice was kept or candidates could not be compared.</param>
public sealed record SelectionRecord(
    string Settings, IReadOnlyDictionary<string, string> Datasets, string Reason, int? KeptFromVersion, SearchRecord? Search);

/// <summary>Scores of all candidates on the same rows and folds.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Repeats">How often all rows were split into folds.</param>
/// <param name="Folds">Number of folds per repeat.</param>
/// <param name="Seed">Seed of the fold assignment.</param>
/// <param name="LeftOut">Description of candidates that were not evaluated; null if all were.</param>
/// <param name="Candidates">Best first.</param>
/// <param name="Nested">Nested cross-validation of the search.</param>
public sealed record SearchRecord(
    int Rows, int Repeats, int Folds, long Seed, string? LeftOut, IReadOnlyList<CandidateRecord> Candidates, NestedRecord Nested);

/// <summary>A candidate with its scores.</summary>
/// <param name="Rank">1 for the lowest Brier score.</param>
/// <param name="View">Feature view and version.</param>
/// <param name="Hyperparameters">k, metric and weights.</param>
/// <param name="Brier">Mean Brier score over the folds, 0..1.</param>
/// <param name="BrierError">Its standard error, corrected for overlapping training sets.</param>
/// <param name="Gain">Brier score of the configured candidate minus this one's; positive if this is better.</param>
/// <param name="GainError">Standard error of the paired difference.</param>
/// <param name="Accuracy">Mean accuracy over the folds, 0..1.</param>
/// <param name="IsConfigured">Whether it is the configured candidate.</param>
/// <param name="IsChosen">Whether it was chosen.</param>
/// <param name="Why">Why it was chosen or not.</param>
public sealed record CandidateRecord(
    int Rank, string View, IReadOnlyDictionary<string, string> Hyperparameters, double Brier, double BrierError, double Gain, double GainError,
    double Accuracy, bool IsConfigured, bool IsChosen, string Why);

/// <summary>Performance of the search itself, on rows that had no part in its choices.</summary>
/// <param name="Brier">Brier score, 0..1.</param>
/// <param name="Accuracy">Share of correct predictions, 0..1.</param>
/// <param name="Chosen">The candidate chosen in each outer fold.</param>
public sealed record NestedRecord(double Brier, double Accuracy, IReadOnlyList<string> Chosen);
