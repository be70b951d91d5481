namespace Titanic.Web.Training.Baselines;

/// <summary>The trivial rules that a model must beat.</summary>
public static class BaselineRules
{
    /// <summary>Name of the feature with the sex, in all views.</summary>
    public const string SexFeature = "sex";

    /// <summary>The majority class and "female survives".</summary>
    /// <param name="featureNames">Feature names of the points to predict; one of them is "sex".</param>
    public static IReadOnlyList<ILearner> Of(IReadOnlyList<string> featureNames) =>
        [new MajorityBaseline(), new FemaleSurvivesBaseline(featureNames.ToList().IndexOf(SexFeature))];
}

/// <summary>
/// Predicts the most frequent outcome of the training rows for every point, as scikit-learn's <c>DummyClassifier(strategy="prior")</c>; a
/// tie is "not survived". The probability is (s+1)/(n+2) for s survivors among n training rows.
/// </summary>
public sealed class MajorityBaseline : ILearner
{
    public string Name => "majority";

    public IClassifier Fit(WeightedSamples training) =>
        training.Rows == 0
            ? throw new TrainingFailedException("There are 0 training rows; the majority baseline requires at least 1.")
            : new ConstantClassifier(ClassPrediction.FromCounts(training.SurvivedRows, training.Rows));

    private sealed class ConstantClassifier(ClassPrediction prediction) : IClassifier
    {
        public ClassPrediction Predict(ReadOnlySpan<double> point) => prediction;
    }
}

/// <summary>
/// Predicts that women survive and men die. Only the probability is fitted: (s+1)/(n+2) for s survivors among the n training rows of the
/// same sex.
/// </summary>
/// <param name="sexFeature">Index of the feature with the sex.</param>
/// <param name="femaleCode">Value of that feature for women; default 1.</param>
public sealed class FemaleSurvivesBaseline(int sexFeature, double femaleCode = 1) : ILearner
{
    public string Name => "female survives";

    public IClassifier Fit(WeightedSamples training)
    {
        if (sexFeature < 0 || sexFeature >= training.Dimensions)
            throw new TrainingFailedException(
                $"The index of the sex feature is {sexFeature}; it must be between 0 and {training.Dimensions - 1}.");
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
        return new SexClassifier(
            sexFeature,
            femaleCode,
            ClassPrediction.FromCounts(womenSurvived, women) with { Survived = true },
            ClassPrediction.FromCounts(menSurvived, men) with { Survived = false });
    }

    private sealed class SexClassifier(int sexFeature, double femaleCode, ClassPrediction female, ClassPrediction male) : IClassifier
    {
        public ClassPrediction Predict(ReadOnlySpan<double> point) => point[sexFeature] == femaleCode ? female : male;
    }
}
