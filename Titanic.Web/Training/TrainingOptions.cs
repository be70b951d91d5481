using Microsoft.Extensions.Options;
using Titanic.Web.FeatureStore;
using Titanic.Web.Training.Alternatives;
using Titanic.Web.Training.Evaluation;
using Titanic.Web.Training.Knn;
using Titanic.Web.Training.Selection;

namespace Titanic.Web.Training;

/// <summary>Configuration section <c>Training</c>.</summary>
public sealed class TrainingOptions
{
    public const string Section = "Training";

    private static readonly KnnOptions KnnDefaults = new();

    /// <summary>Number of neighbors, at least 1; default 7. See <see cref="KnnOptions"/>.</summary>
    public int K { get; set; } = KnnDefaults.K;
    /// <summary>Distance metric; default Manhattan.</summary>
    public DistanceMetric Metric { get; set; } = KnnDefaults.Metric;
    /// <summary>Weights of the votes; default Uniform.</summary>
    public NeighborWeights Weights { get; set; } = KnnDefaults.Weights;
    /// <summary>Folds of the evaluation.</summary>
    public CrossValidationSettings CrossValidation { get; set; } = new();
    /// <summary>Hyperparameter search.</summary>
    public SelectionSettings Selection { get; set; } = new();
    /// <summary>Comparison with the alternative learners.</summary>
    [ConfigurationKeyName("Challengers")]
    public AlternativesSettings Alternatives { get; set; } = new();

    /// <summary>The configured candidate, which is used unless another one is significantly better.</summary>
    public Candidate Configured => new(TrainingViews.Binned, ToKnn());

    /// <summary>
    /// The candidates of the hyperparameter search, the configured one first. Views that are not finite are included only up to
    /// <see cref="SelectionSettings.MaximumRowsOfUnboundedViews"/> rows.
    /// </summary>
    /// <param name="rows">Number of training rows.</param>
    public IReadOnlyList<Candidate> CandidatesFor(int rows) => Selection.Enabled
        ? [.. Selection.Candidates(Configured).Where(candidate => candidate.View == Configured.View || rows <= SelectionSettings.MaximumRowsOfUnboundedViews)]
        : [Configured];

    public KnnOptions ToKnn() => new(K, Metric, Weights);

    public CrossValidationOptions ToCrossValidation() => new(CrossValidation.Repeats, CrossValidation.Folds, CrossValidation.Seed);

    /// <summary>Folds of the comparison with the alternative learners.</summary>
    public CrossValidationOptions ToComparison() => ToCrossValidation() with { Repeats = Alternatives.Repeats };

    /// <summary>Configuration section <c>Training:CrossValidation</c>.</summary>
    public sealed class CrossValidationSettings
    {
        private static readonly CrossValidationOptions Defaults = new();

        /// <summary>How often all rows are split again, 1..1000; default 10.</summary>
        public int Repeats { get; set; } = Defaults.Repeats;
        /// <summary>Number of folds, at least 2; default 5.</summary>
        public int Folds { get; set; } = Defaults.Folds;
        /// <summary>Seed of the fold assignment; default 1912.</summary>
        public long Seed { get; set; } = Defaults.Seed;
    }

    internal sealed class TrainingOptionsValidator : IValidateOptions<TrainingOptions>
    {
        public ValidateOptionsResult Validate(string? name, TrainingOptions options)
        {
            string[] problems =
            [
                .. new[] { options.ToKnn().Validate(), options.ToCrossValidation().Validate() }.OfType<string>()
                    .Select(problem => $"{Section}: {problem}"),
                .. options.Selection.Validate().Concat(options.Alternatives.Validate()).Select(problem => $"{Section}:{problem}"),
            ];
            return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
        }
    }
}
