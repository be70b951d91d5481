namespace Titanic.Web.FeatureStore;

/// <summary>
/// A stored training dataset as a file: source, key, the view's features, outcome, side of the split and fold of the person, in canonical order. The same
/// rows give the same bytes, in any database. Rows stream, so memory does not grow with them; what is sent has passed the check against
/// the dataset's digest only when the method returns, and a caller must let the download fail when it throws.
/// </summary>
public sealed partial class TrainingDatasetExport(TrainingDatasets datasets)
{
    private const string Source = TrainingSnapshot.Source, SourceKey = TrainingSnapshot.SourceKey, HeldOut = TrainingSnapshot.HeldOut, Fold = TrainingSnapshot.Fold;
}
