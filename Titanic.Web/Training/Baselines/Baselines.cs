namespace Titanic.Web.Training.Baselines;

/// <summary>The rules that anybody could apply, and that a model has to beat.</summary>
public static class BaselineRules
{
    public const string SexFeature = "sex";

    /// <summary>The majority label, then "female survives".</summary>
    /// <param name="featureNames">Of the points that are asked; one of them is called "sex".</param>
    public static IReadOnlyList<ILearner> Of(IReadOnlyList<string> featureNames) =>
        [new MajorityBaseline(), new FemaleSurvivesBaseline(featureNames.ToList().IndexOf(SexFeature))];
}

/// <summary>Answers what most training rows did, whoever is asked about; a tie is not survived.</summary>
public sealed class MajorityBaseline : ILearner
{
    public string Name => "majority";

    public IClassifier Fit(WeightedSamples training) =>
        training.Rows == 0
            ? throw new TrainingRefusedException("There are 0 training rows; the majority needs at least 1.")
            : new ConstantAnswer(ClassPrediction.FromCounts(training.SurvivedRows, training.Rows));

    private sealed class ConstantAnswer(ClassPrediction answer) : IClassifier
    {
        public ClassPrediction Predict(ReadOnlySpan<double> point) => answer;
    }
}

/// <summary>
/// "Women survive, men do not": the one rule everybody knows and a model must beat. Only the probability is learned, as the share
/// of survivors among the training rows of the same sex.
/// </summary>
/// <param name="sexFeature">Index of the feature that holds the sex.</param>
/// <param name="femaleCode">The feature's value for women.</param>
public sealed class FemaleSurvivesBaseline(int sexFeature, double femaleCode = 1) : ILearner
{
    public string Name => "female survives";

    public IClassifier Fit(WeightedSamples training)
    {
        if (sexFeature < 0 || sexFeature >= training.Dimensions)
            throw new TrainingRefusedException($"The sex is feature {sexFeature}; it must be 0..{training.Dimensions - 1}.");
        var (women, womenSurvived, men, menSurvived) = (0, 0, 0, 0);
        for (var point = 0; point < training.Count; point++)
        {
            var rows = training.Negatives[point] + training.Positives[point];
            if (training.Point(point)[sexFeature] == femaleCode)
            {
                women += rows;
                womenSurvived += training.Positives[point];
            }
            else
            {
                men += rows;
                menSurvived += training.Positives[point];
            }
        }
        return new AnswerBySex(
            sexFeature,
            femaleCode,
            ClassPrediction.FromCounts(womenSurvived, women) with { Survived = true },
            ClassPrediction.FromCounts(menSurvived, men) with { Survived = false });
    }

    private sealed class AnswerBySex(int sexFeature, double femaleCode, ClassPrediction woman, ClassPrediction man) : IClassifier
    {
        public ClassPrediction Predict(ReadOnlySpan<double> point) => point[sexFeature] == femaleCode ? woman : man;
    }
}
