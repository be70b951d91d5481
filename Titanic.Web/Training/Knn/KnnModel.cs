namespace Titanic.Web.Training.Knn;

/// <summary>
/// K-nearest-neighbors classifier (T. Cover and P. Hart, "Nearest neighbor pattern classification", 1967, doi:10.1109/TIT.1967.1053964).
/// Exact, deterministic to the bit, immutable and safe for concurrent use.
/// </summary>
/// <remarks>
/// <para>Features are scaled by the population standard deviations of the training rows. All rows at the distance of the k-th nearest row
/// vote, so the result does not depend on the order of the rows (scikit-learn breaks such ties by order). The probability is (s+1)/(n+2)
/// for s survivors among n voting rows (Laplace smoothing).</para>
/// <para>Differences of raw values are scaled and summed in the order of the features, by fused multiply-adds in double precision. Sums that
/// differ by rounding errors tie (<see cref="DistanceTie"/>), so the voting rows do not depend on the order of the features.</para>
/// </remarks>
public sealed partial class KnnModel : ITrainedModel
{
    private readonly FeatureScale _scale;
    private readonly NeighborSearch _search;

    internal KnnModel(string encoderId, KnnOptions options, WeightedSamples training)
    {
        EncoderId = encoderId;
        Options = options;
        Training = training;
        _scale = FeatureScale.Fit(training);
        _search = new NeighborSearch(training, _scale.InverseDeviations, options);
    }

    /// <summary>The encoder of the features, for example "titanic_binned/1".</summary>
    public string EncoderId { get; }
    /// <summary>k, metric and weights.</summary>
    public KnnOptions Options { get; }
    /// <summary>The learner that fits this model.</summary>
    public IModelTrainer Trainer => new KnnTrainer(Options, EncoderId);
    /// <summary>The training rows as distinct points; n points x d features.</summary>
    public WeightedSamples Training { get; }

    /// <summary>Mean of each feature over the training rows; d values.</summary>
    public ReadOnlySpan<double> Means => _scale.Means;

    /// <summary>Population standard deviation of each feature over the training rows; d values, 0 for a constant feature.</summary>
    public ReadOnlySpan<double> StandardDeviations => _scale.StandardDeviations;

    /// <inheritdoc cref="FeatureScale.InverseDeviations"/>
    internal ReadOnlySpan<double> InverseDeviations => _scale.InverseDeviations;

    /// <summary>Predicts one point.</summary>
    /// <param name="point">d raw values (not standardized), each within ±1E+100.</param>
    /// <returns>Class, probability, and numbers of voting rows.</returns>
    /// <exception cref="ArgumentException">The number of values is not d, or a value is NaN, infinite or too large.</exception>
    public ClassPrediction Predict(ReadOnlySpan<double> point)
    {
        ValidatePoint(point);
        return _search.Vote(point);
    }

    /// <summary>Predicts many points; the same predictions as one by one.</summary>
    /// <param name="points">m x d raw values (not standardized), row-major.</param>
    /// <param name="predictions">Receives m predictions in the order of the points.</param>
    /// <exception cref="ArgumentException">
    /// The numbers of values and predictions do not match, or a value is NaN, infinite or too large.
    /// </exception>
    public void Predict(ReadOnlySpan<double> points, Span<ClassPrediction> predictions)
    {
        var dimensions = Training.Dimensions;
        if (points.Length != (long)predictions.Length * dimensions)
            throw new ArgumentException($"There are {Quantity.Of(points.Length, "value")} for {Quantity.Of(predictions.Length, "prediction")}; there must be {Quantity.Of(dimensions, "value")} for each prediction.", nameof(points));
        for (var index = 0; index < predictions.Length; index++)
            predictions[index] = Predict(points.Slice(index * dimensions, dimensions));
    }

    /// <summary>
    /// Prediction for a training row by a model fitted on all other training rows. The model is refitted, including the standardization, so
    /// the result is exact; fitting costs no more than one search.
    /// </summary>
    /// <param name="point">d raw values of the training row.</param>
    /// <param name="survived">Outcome of the training row.</param>
    /// <exception cref="ArgumentException">There is no such training row, or fewer than k other rows.</exception>
    public ClassPrediction PredictLeaveOneOut(ReadOnlySpan<double> point, bool survived)
    {
        ValidatePoint(point);
        var index = Training.IndexOf(point);
        if (index < 0)
            throw new ArgumentException("No training row has this point; only a training row can be left out.", nameof(point));
        if (Options.Validate(Training.Rows - 1) is { } problem)
            throw new ArgumentException(problem, nameof(point));
        return new KnnModel(EncoderId, Options, Training.WithoutOne(index, survived)).Predict(point);
    }

    /// <inheritdoc/>
    public DecisionTable? ToDecisionTable() => Trainer.View.AllPoints is null ? null : DecisionTable.Of(this);

    private void ValidatePoint(ReadOnlySpan<double> point)
    {
        if (point.Length != Training.Dimensions)
            throw new ArgumentException(
                $"The number of values is {Format.Count(point.Length)}; it must be {Format.Count(Training.Dimensions)}, one per feature ({string.Join(", ", Training.FeatureNames)}).",
                nameof(point));
        for (var feature = 0; feature < point.Length; feature++)
        {
            if (!WeightedSamples.IsAllowed(point[feature]))
                throw new ArgumentException(
                    FormattableString.Invariant($"The feature \"{Training.FeatureNames[feature]}\" is {point[feature]}; it must be {WeightedSamples.AllowedValues}."),
                    nameof(point));
        }
    }
}
