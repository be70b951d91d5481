using Titanic.Web.Database;

namespace Titanic.Web.Serving;

/// <summary>Answers questions of people and programs. An answer is given only after its row is durable.</summary>
public sealed class Predictor(ChampionInMemory champion, TitanicDb db, TimeProvider clock)
{
    /// <param name="inputs">Questions without problems.</param>
    /// <param name="source">One of <see cref="PredictionSources"/>.</param>
    /// <exception cref="NoChampionException">Nothing is in service yet.</exception>
    /// <exception cref="AnswersNotStoredException">The database is away or too slow.</exception>
    public async Task<Answered> Answer(IReadOnlyList<PassengerInput> inputs, string source, CancellationToken cancellation)
    {
        var model = champion.Current ?? await champion.Reload(cancellation) ?? throw new NoChampionException(champion.Alarm);
        var now = clock.GetUtcNow();
        var answers = inputs.Select(input => Answer(model, input, source, now)).ToList();
        db.Predictions.AddRange(answers);
        await db.SaveChangesAsync(cancellation);
        return new Answered(model, answers);
    }

    private static Prediction Answer(ServedModel model, PassengerInput input, string source, DateTimeOffset now)
    {
        var point = input.EncodeBy(model.View);
        var answer = model.Answer(point);
        var code = model.View.CodeOf(point);
        return new Prediction
        {
            CreatedAt = now,
            Source = source,
            LogicalDate = DateOnly.FromDateTime(now.UtcDateTime),
            Pclass = (short)input.Pclass!.Value,
            Sex = input.ParsedSex!.Value,
            AgeInYears = input.Age,
            FareInPounds = input.Fare,
            PointCode = code,
            Encoded = code is null ? point : null,
            ModelName = Registry.ModelRegistry.ModelName,
            ModelVersion = model.Version,
            Survived = answer.Survived,
            Probability = answer.Probability,
            Survivors = answer.Survivors,
            Neighbors = answer.Neighbors,
        };
    }
}

/// <summary>Answers, each a stored row, and the model that gave them.</summary>
public sealed record Answered(ServedModel Model, IReadOnlyList<Prediction> Predictions);

/// <summary>Nobody can answer: no version has been promoted yet, or the alarm says why those that were cannot serve.</summary>
public sealed class NoChampionException(ChampionAlarm? alarm)
    : Exception(alarm?.Message ?? "No model is in service yet. Train one first: run training, or wait until the first start has finished.");
