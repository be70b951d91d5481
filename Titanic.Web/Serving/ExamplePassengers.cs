using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving;

/// <summary>
/// People of the historical list to ask about. They are read, and the champion is asked about each, once for every version that comes into
/// service; its answers are in-sample, as they are when somebody opens an example.
/// </summary>
public sealed class ExamplePassengers(IServiceScopeFactory scopes)
{
    private volatile Examples? _newest;

    /// <summary>None where the model has not learned the historical list of this store.</summary>
    public async Task<Examples> Of(ServedModel model, CancellationToken cancellation)
    {
        if (_newest is { } newest && (newest.ModelVersion, newest.ArtifactSha256) == (model.Version, model.ArtifactSha256))
            return newest;
        return _newest = Choose(model, await Learned(model, cancellation));
    }

    private async Task<IReadOnlyList<HistoricalRow>> Learned(ServedModel model, CancellationToken cancellation)
    {
        if (model.TrainingDatasetId is not { } dataset)
            return [];
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<TrainingDatasets>().HistoricalRows(
            dataset, model.View, [.. from pclass in Enumerable.Range(PassengerLimits.LowestPclass, PassengerLimits.HighestPclass) from sex in Enum.GetValues<Sex>() select (pclass, sex)], cancellation);
    }

    private static Examples Choose(ServedModel model, IReadOnlyList<HistoricalRow> learned)
    {
        var asked = learned.Select(person => Example.Of(model, person)).ToList();
        var famous = FamousPassengers.All
            .Select(known => asked.Find(example => example.Person.Name == known.Name) is { } found ? found with { Famous = known } : null)
            .OfType<Example>().ToList();
        var unknown = asked.Where(example => famous.TrueForAll(known => known.Person != example.Person)).ToList();
        return new Examples(
            model.Version, model.ArtifactSha256,
            [.. from wasRight in (bool[])[true, false] from saidSurvived in (bool[])[true, false] select Surest(unknown, wasRight, saidSurvived) into surest where surest is not null select surest],
            famous);
    }

    /// <summary>Of one cell of the confusion matrix, the person of whose fate the model is surest; of equals the first of the list.</summary>
    private static Example? Surest(IEnumerable<Example> all, bool wasRight, bool saidSurvived) => all
        .Where(example => example.WasRight == wasRight && example.SaidSurvived == saidSurvived)
        .MaxBy(example => Math.Abs(example.Probability - 0.5));
}

/// <param name="Cells">One for each cell of the confusion matrix that is not empty: right before wrong, survived before died.</param>
public sealed record Examples(int ModelVersion, string ArtifactSha256, IReadOnlyList<Example> Cells, IReadOnlyList<Example> Famous);

/// <summary>A person with what the model says of them and, in <see cref="HistoricalRow.Survived"/>, what happened.</summary>
/// <param name="Famous">Null for somebody of whom few have heard.</param>
public sealed record Example(HistoricalRow Person, bool SaidSurvived, double Probability, FamousPassenger? Famous)
{
    public bool WasRight => SaidSurvived == Person.Survived;

    public PassengerKey Key => new(PassengerSources.Titanic3, Person.SourceKey);

    public PredictionInput Question => new(Person.Pclass, Person.Sex, Person.AgeInYears, Person.FareInPounds);

    internal static Example Of(ServedModel model, HistoricalRow person)
    {
        var answer = model.Answer(person.Features);
        return new Example(person, answer.Survived, answer.Probability, null);
    }
}

/// <summary>People of the historical list of whom many have heard.</summary>
internal static class FamousPassengers
{
    /// <summary>By the name that they have in the list.</summary>
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

/// <param name="Name">As the historical list writes it.</param>
/// <param name="Note">What they are known for, to follow a comma; nothing about their fate.</param>
public sealed record FamousPassenger(string Name, string KnownAs, string Note);
