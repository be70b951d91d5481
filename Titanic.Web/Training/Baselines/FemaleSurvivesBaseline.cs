namespace Titanic.Web.Training.Baselines;

/// <summary>
/// "Women survive, men do not": the one rule everybody knows and a model must beat. Only the probability is learned, as the share
/// of survivors among the training rows of the same sex.
/// </summary>
/// <param name="sexFeature">Index of the feature that holds the sex.</param>
/// <param name="femaleCode">The feature's value for women.</param>
public sealed class FemaleSurvivesBaseline(int sexFeature, double femaleCode = 1) : ILearner
{
    public string Name => "female survives";

    public IClassifier Fit(LabelledPoints training)
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
            Prediction.FromCounts(womenSurvived, women) with { Survived = true },
            Prediction.FromCounts(menSurvived, men) with { Survived = false });
    }

    private sealed class AnswerBySex(int sexFeature, double femaleCode, Prediction woman, Prediction man) : IClassifier
    {
        public Prediction Predict(ReadOnlySpan<double> point) => point[sexFeature] == femaleCode ? woman : man;
    }
}
