namespace Titanic.Web.FeatureStore;

/// <summary>One labelled row of a training dataset.</summary>
/// <param name="CommitId">The commit that brought this version of the passenger.</param>
/// <param name="Features">The encoded values in the order of the view's features.</param>
/// <param name="IsHeldOut">Whether the split keeps the row out of the hold-out model's training.</param>
/// <param name="Fold">Where <see cref="PersonSplit.FoldOf"/> puts its person.</param>
public readonly record struct TrainingRow(
    string Source, string SourceKey, long PassengerId, long CommitId, double[] Features, bool Survived, bool IsHeldOut, int Fold);

/// <summary><paramref name="Rows"/> rows of a training dataset that have everything in common that a learner sees.</summary>
/// <param name="Fold">Where <see cref="PersonSplit.FoldOf"/> puts their persons.</param>
public readonly record struct TrainingPoint(double[] Features, bool Survived, bool IsHeldOut, int Fold, int Rows);

/// <summary>A whole training dataset as weighted points. Points may repeat where different raw values are encoded alike.</summary>
/// <param name="Views">Whose features a point holds, one view after another.</param>
public sealed record TrainingPoints(IReadOnlyList<FeatureViewSchema> Views, IReadOnlyList<TrainingPoint> Points);
