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

    /// <summary>At least this many nearest rows vote.</summary>
    public int K { get; set; } = KnnDefaults.K;
    public DistanceMetric Metric { get; set; } = KnnDefaults.Metric;
    public NeighborWeights Weights { get; set; } = KnnDefaults.Weights;
    public CrossValidationSettings CrossValidation { get; set; } = new();
    public SelectionSettings Selection { get; set; } = new();
    public AlternativesSettings Challengers { get; set; } = new();

    /// <summary>The settings that are taken where nothing else is clearly better.</summary>
    public Candidate Configured => new(TrainingViews.Binned, ToKnn());

    /// <summary>The configured candidate first; views without bins only up to <see cref="SelectionSettings.MostRowsOfInfiniteViews"/> rows.</summary>
    public IReadOnlyList<Candidate> CandidatesFor(int rows) => Selection.Enabled
        ? [.. Selection.Candidates(Configured).Where(candidate => candidate.View == Configured.View || rows <= SelectionSettings.MostRowsOfInfiniteViews)]
        : [Configured];

    public KnnOptions ToKnn() => new(K, Metric, Weights);

    public CrossValidationOptions ToCrossValidation() => new(CrossValidation.Repeats, CrossValidation.Folds, CrossValidation.Seed);

    /// <summary>The folds on which the K-NN is compared with the alternative learners.</summary>
    public CrossValidationOptions ToComparison() => ToCrossValidation() with { Repeats = Challengers.Repeats };

    public sealed class CrossValidationSettings
    {
        private static readonly CrossValidationOptions Defaults = new();

        public int Repeats { get; set; } = Defaults.Repeats;
        public int Folds { get; set; } = Defaults.Folds;
        public long Seed { get; set; } = Defaults.Seed;
    }

    internal sealed class Validator : IValidateOptions<TrainingOptions>
    {
        public ValidateOptionsResult Validate(string? name, TrainingOptions options)
        {
            string[] problems = [.. new[] { options.ToKnn().Problem(), options.ToCrossValidation().Problem() }.OfType<string>(), .. options.Selection.Problems(), .. options.Challengers.Problems()];
            return problems.Length == 0
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(problems.Select(problem => $"Configuration section '{Section}': {problem}"));
        }
    }
}
