using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving;

/// <summary>
/// Selects passengers of the historical list as examples for the prediction page. They are read and predicted once for each model version
/// and then cached. The predictions are in-sample: the model was trained on these passengers.
/// </summary>
public sealed class ExamplePassengers(IServiceScopeFactory scopes)
{
    private volatile ExamplePredictions? _latest;

    /// <summary>The examples of a model; empty where it was not trained on the historical list of this store.</summary>
    public async Task<ExamplePredictions> Of(LoadedModel model, CancellationToken cancellation)
    {
        if (_latest is { } newest && (newest.ModelVersion, newest.ArtifactSha256) == (model.Version, model.ArtifactSha256))
            return newest;
        return _latest = Select(model, await ReadTrainingRows(model, cancellation));
    }

    private async Task<IReadOnlyList<HistoricalRow>> ReadTrainingRows(LoadedModel model, CancellationToken cancellation)
    {
        if (model.TrainingDatasetId is not { } dataset)
            return [];
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<TrainingDatasets>().HistoricalRows(
            dataset, model.View,
            [
                .. from pclass in PassengerLimits.Pclasses
                   from sex in Enum.GetValues<Sex>()
                   select (pclass, sex),
            ],
            cancellation);
    }

    private static ExamplePredictions Select(LoadedModel model, IReadOnlyList<HistoricalRow> rows)
    {
        var predicted = rows.Select(row => ExamplePrediction.Of(model, row)).ToList();
        var famous = FamousPassengers.All
            .Select(known => predicted.Find(example => example.Passenger.Name == known.Name) is { } found ? found with { Famous = known } : null)
            .OfType<ExamplePrediction>().ToList();
        var others = predicted.Where(example => famous.TrueForAll(known => known.Passenger != example.Passenger)).ToList();
        return new ExamplePredictions(
            model.Version, model.ArtifactSha256,
            [
                .. from isCorrect in (bool[])[true, false]
                   from predictedSurvived in (bool[])[true, false]
                   select MostConfident(others, isCorrect, predictedSurvived) into example
                   where example is not null
                   select example,
            ],
            famous);
    }

    /// <summary>
    /// The most confident prediction of one cell of the confusion matrix; of equal ones the first of the list. Null for an empty cell.
    /// </summary>
    private static ExamplePrediction? MostConfident(IEnumerable<ExamplePrediction> all, bool isCorrect, bool predictedSurvived) => all
        .Where(example => example.IsCorrect == isCorrect && example.PredictedSurvived == predictedSurvived)
        .MaxBy(example => Math.Abs(example.Probability - 0.5));
}

/// <summary>The examples of one model version.</summary>
/// <param name="MostConfident">
/// The most confident prediction of each non-empty cell of the confusion matrix: hits before misses, survived before died.
/// </param>
/// <param name="Famous">The well-known passengers; see <see cref="FamousPassengers"/>.</param>
public sealed record ExamplePredictions(int ModelVersion, string ArtifactSha256, IReadOnlyList<ExamplePrediction> MostConfident, IReadOnlyList<ExamplePrediction> Famous);

/// <summary>
/// A passenger of the historical list with the prediction of the model; the outcome is <see cref="HistoricalRow.Survived"/>.
/// </summary>
/// <param name="Probability">The predicted probability of survival, 0 to 1.</param>
/// <param name="Famous">Null where the passenger is not among <see cref="FamousPassengers"/>.</param>
public sealed record ExamplePrediction(HistoricalRow Passenger, bool PredictedSurvived, double Probability, FamousPassenger? Famous)
{
    public bool IsCorrect => PredictedSurvived == Passenger.Survived;

    public PassengerKey Key => new(PassengerSources.Titanic3, Passenger.SourceKey);

    public PredictionInput Input => new(Passenger.Pclass, Passenger.Sex, Passenger.AgeInYears, Passenger.FareInPounds);

    internal static ExamplePrediction Of(LoadedModel model, HistoricalRow passenger)
    {
        var prediction = model.Predict(passenger.Features);
        return new ExamplePrediction(passenger, prediction.Survived, prediction.Probability, null);
    }
}

/// <summary>Well-known passengers of the historical list.</summary>
internal static class FamousPassengers
{
    /// <summary>In display order, each with the exact name in the list.</summary>
    public static IReadOnlyList<FamousPassenger> All { get; } =
    [
        new("Brown, Mrs. James Joseph (Margaret Tobin)", "Margaret “Molly” Brown", "a philanthropist from Denver"),
        new("Astor, Col. John Jacob", "John Jacob Astor", "the richest man on board"),
        new("Straus, Mr. Isidor", "Isidor Straus", "an owner of Macy's in New York"),
        new("Straus, Mrs. Isidor (Rosalie Ida Blun)", "Ida Straus", "his wife for forty years"),
        new("Ismay, Mr. Joseph Bruce", "J. Bruce Ismay", "chairman of the White Star Line"),
        new("Andrews, Mr. Thomas Jr", "Thomas Andrews", "the ship's designer"),
        new("Duff Gordon, Sir. Cosmo Edmund ('Mr Morgan')", "Sir Cosmo Duff Gordon", "a baronet and fencer"),
        new("Beesley, Mr. Lawrence", "Lawrence Beesley", "a teacher from London"),
        new("Dean, Miss. Elizabeth Gladys 'Millvina'", "Millvina Dean", "two months old, the youngest on board"),
        new("Goodwin, Master. Sidney Leonard", "Sidney Goodwin", "a toddler with five brothers and sisters"),
    ];
}

/// <param name="Name">The name in the historical list.</param>
/// <param name="KnownAs">The name to display.</param>
/// <param name="Note">What the passenger is known for, without the outcome; pages display it after a comma.</param>
public sealed record FamousPassenger(string Name, string KnownAs, string Note);
