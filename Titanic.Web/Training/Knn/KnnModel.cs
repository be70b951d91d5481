namespace Titanic.Web.Training.Knn;

/// <summary>
/// K-nearest-neighbours classifier: exact, deterministic to the bit, immutable and safe for concurrent use. Features are compared
/// in population standard deviations of the training rows, and all rows at the k-th distance vote. Differences are of raw values, scaled and
/// summed in the features' order by fused multiply-adds in double precision: that rounding decides which rows tie.
/// </summary>
public sealed partial class KnnModel : ITrainedModel
{
    private readonly FeatureScale _scale;
    private readonly NeighborSearch _search;

    internal KnnModel(string encoderId, KnnOptions options, WeightedSamples training)
    {
        EncoderId = encoderId;
        Options = options;
        Training = training;
        _scale = FeatureScale.Of(training);
        _search = new NeighborSearch(training, _scale.InverseDeviations, options);
    }

    /// <summary>Which encoder made the features, e.g. "titanic_binned/1".</summary>
    public string EncoderId { get; }
    public KnnOptions Options { get; }
    public IModelTrainer Trainer => new KnnTrainer(Options, EncoderId);
    public WeightedSamples Training { get; }

    /// <summary>Mean of each feature over the training rows.</summary>
    public ReadOnlySpan<double> Means => _scale.Means;

    /// <summary>Population standard deviation of each feature over the training rows; 0 for a constant feature.</summary>
    public ReadOnlySpan<double> StandardDeviations => _scale.StandardDeviations;

    /// <inheritdoc cref="FeatureScale.InverseDeviations"/>
    internal ReadOnlySpan<double> InverseDeviations => _scale.InverseDeviations;

    /// <param name="point">One finite raw value per feature, not standardised.</param>
    /// <exception cref="ArgumentException">Wrong number of values, or one that is not a usable number.</exception>
    public ClassPrediction Predict(ReadOnlySpan<double> point)
    {
        RequirePoint(point);
        return _search.Vote(point);
    }

    /// <summary>Many answers, each as if asked alone.</summary>
    /// <param name="points">Row-major: one finite raw value per feature, point after point.</param>
    /// <param name="answers">One per point, in their order.</param>
    /// <exception cref="ArgumentException">Another number of answers than points, or a value that is not a usable number.</exception>
    public void Predict(ReadOnlySpan<double> points, Span<ClassPrediction> answers)
    {
        var dimensions = Training.Dimensions;
        if (points.Length != (long)answers.Length * dimensions)
            throw new ArgumentException($"There are {points.Length} values for {answers.Length} answers; there must be {dimensions} for each.", nameof(points));
        for (var index = 0; index < answers.Length; index++)
            answers[index] = Predict(points.Slice(index * dimensions, dimensions));
    }

    /// <summary>
    /// What a model fitted on all other training rows answers for one of them. Fitting costs no more than one search, so this is
    /// that fit itself, standardisation included, and not an approximation.
    /// </summary>
    /// <exception cref="ArgumentException">No such training row, or fewer than k rows are left without it.</exception>
    public ClassPrediction PredictLeavingOut(ReadOnlySpan<double> point, bool survived)
    {
        RequirePoint(point);
        var index = Training.IndexOf(point);
        if (index < 0)
            throw new ArgumentException("No training row stands at this point; only a training row can be left out.", nameof(point));
        if (Options.Problem(Training.Rows - 1) is { } problem)
            throw new ArgumentException(problem, nameof(point));
        return new KnnModel(EncoderId, Options, Training.WithoutOne(index, survived)).Predict(point);
    }

    public DecisionTable? ToDecisionTable() => Trainer.View.AllPoints is null ? null : DecisionTable.Of(this);

    private void RequirePoint(ReadOnlySpan<double> point)
    {
        if (point.Length != Training.Dimensions)
            throw new ArgumentException(
                $"The point has {point.Length} values; it must have one per feature ({string.Join(", ", Training.FeatureNames)}).",
                nameof(point));
        for (var feature = 0; feature < point.Length; feature++)
        {
            if (!WeightedSamples.IsUsable(point[feature]))
                throw new ArgumentException(
                    FormattableString.Invariant($"'{Training.FeatureNames[feature]}' is {point[feature]}; it must be {WeightedSamples.UsableValue}."),
                    nameof(point));
        }
    }
}
