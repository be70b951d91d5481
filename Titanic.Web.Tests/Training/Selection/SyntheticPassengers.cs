using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Training;

namespace Titanic.Web.Tests.Training.Selection;

/// <summary>Synthetic passengers with a known relation between features and outcome, in both views.</summary>
internal static class SyntheticPassengers
{
    public static readonly ITrainingView[] Views = [TrainingViews.Binned, TrainingViews.Numeric];

    /// <summary>Ages 19 to 35, one age group; passengers of 27 or older survive (with 5% noise), which bins cannot represent.</summary>
    public static TrainingSplit WithSurvivalByAgeWithinOneBin(int rows, long seed = 1) =>
        Split(rows, seed, random => 19 + random.Next(17), (age, random) => age >= 27 ^ random.Next(20) == 0);

    /// <summary>Random outcomes.</summary>
    public static TrainingSplit WithRandomSurvival(int rows, long seed) => Split(rows, seed, random => 1 + random.Next(70), (_, random) => random.Next(2) == 0);

    private static TrainingSplit Split(int rows, long seed, Func<SeededRandom, int> age, Func<int, SeededRandom, bool> survives)
    {
        var random = new SeededRandom((ulong)seed);
        var points = new List<TrainingPoint>();
        for (var row = 0; row < rows; row++)
        {
            var (pclass, sex, years, fare) = (1 + random.Next(3), (Sex)random.Next(2), age(random), 5.0 + random.Next(40));
            var features = Views.SelectMany(view => view.Encode(pclass, sex, years, fare)).ToArray();
            points.Add(new TrainingPoint(features, survives(years, random), IsHeldOut: row % 5 == 0, Fold: row % 5, Rows: 1));
        }
        return TrainingSplit.Of(new TrainingPoints([.. Views.Select(view => view.Schema)], points));
    }
}
