namespace Titanic.Web.Training.Selection;

/// <summary>How a version's hyperparameters were selected, as the registry stores it and the API gives it.</summary>
/// <param name="Settings">What was to be tried and how, in words. Only searches with equal settings can stand in for each other.</param>
/// <param name="Datasets">SHA-256 of the training dataset as each view in question sees it, by view.</param>
/// <param name="Reason">A sentence.</param>
/// <param name="KeptFromVersion">The version whose search is still good; null where this version searched for itself, or nobody could.</param>
/// <param name="Search">Null where the choice was kept, or nothing could be compared.</param>
public sealed record SelectionRecord(
    string Settings, IReadOnlyDictionary<string, string> Datasets, string Reason, int? KeptFromVersion, SearchRecord? Search);

/// <summary>Every candidate on identical rows and folds.</summary>
/// <param name="LeftOut">A sentence on candidates that were not tried; null where all were.</param>
/// <param name="Candidates">Best first.</param>
public sealed record SearchRecord(
    int Rows, int Repeats, int Folds, long Seed, string? LeftOut, IReadOnlyList<CandidateRecord> Candidates, NestedRecord Nested);

/// <param name="Brier">Mean over the folds; a standard error of it is corrected for folds that share their training rows.</param>
/// <param name="Gain">How much lower the Brier score is than that of the configured candidate, with the standard error of this difference.</param>
/// <param name="Accuracy">Mean over the folds, 0..1.</param>
/// <param name="Why">Why it was taken, or was not.</param>
public sealed record CandidateRecord(
    int Rank, string View, IReadOnlyDictionary<string, string> Hyperparameters, double Brier, double BrierError, double Gain, double GainError,
    double Accuracy, bool IsConfigured, bool IsChosen, string Why);

/// <summary>What the search itself is worth, measured on rows that had no part in its choices.</summary>
/// <param name="Accuracy">Share of right answers, 0..1.</param>
/// <param name="Chosen">What each outer fold chose.</param>
public sealed record NestedRecord(double Brier, double Accuracy, IReadOnlyList<string> Chosen);
