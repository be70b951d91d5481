using Titanic.Web.Registry;
using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Serving;

/// <summary>Answers questions of people and programs. An answer is given only after its row is durable, unless the settings say otherwise.</summary>
public sealed class Predictor(ChampionInMemory champion, PredictionLog log, TimeProvider clock)
{
    /// <param name="inputs">Questions without problems. All are answered by one version.</param>
    /// <param name="source">One of <see cref="PredictionSources"/>.</param>
    /// <exception cref="NoChampionException">Nothing is in service yet.</exception>
    /// <exception cref="AnswersNotStoredException">The database is away or too slow.</exception>
    public async Task<Answered> Answer(IReadOnlyList<PassengerInput> inputs, string source, CancellationToken cancellation)
    {
        var model = await InService(cancellation);
        Question[] questions = [.. inputs.Select(input => input.ToQuestion())];
        if (log.Mode == AnswerLog.Off)
            return new Answered(model, Answer(model, questions, source, Now(), ids: null));
        var deadline = log.NewDeadline();
        var ids = await log.NewIds(questions.Length, deadline);
        var answers = Answer(model, questions, source, Now(), ids);
        await log.Store(answers, deadline);
        return new Answered(model, answers);
    }

    /// <summary>From memory: the database is asked only by a process that has no champion yet.</summary>
    internal async ValueTask<ServedModel> InService(CancellationToken cancellation) =>
        champion.Current ?? await champion.Reload(cancellation) ?? throw new NoChampionException(champion.Alarm);

    /// <summary>To the microsecond, as the database keeps it: an answer and its receipt tell the same instant.</summary>
    internal DateTimeOffset Now()
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    /// <param name="ids">Null for answers that are not stored.</param>
    internal static Prediction[] Answer(ServedModel model, ReadOnlySpan<Question> questions, string source, DateTimeOffset now, long[]? ids)
    {
        var answers = new Prediction[questions.Length];
        for (var i = 0; i < answers.Length; i++)
            answers[i] = Answer(model, questions[i], source, now, ids?[i] ?? 0);
        return answers;
    }

    private static Prediction Answer(ServedModel model, in Question question, string source, DateTimeOffset now, long id)
    {
        var code = model.View.CodeOf(question.Pclass, question.Sex, question.AgeInYears, question.FareInPounds);
        var encoded = code is null ? model.View.Encode(question.Pclass, question.Sex, question.AgeInYears, question.FareInPounds) : null;
        var answer = code is { } known ? model.Table!.Answers[known] : model.Answer(encoded);
        return new Prediction
        {
            PredictionId = id,
            CreatedAt = now,
            Source = source,
            LogicalDate = DateOnly.FromDateTime(now.UtcDateTime),
            Pclass = (short)question.Pclass,
            Sex = question.Sex,
            AgeInYears = question.AgeInYears,
            FareInPounds = question.FareInPounds,
            PointCode = code,
            Encoded = encoded,
            ModelName = ModelRegistry.ModelName,
            ModelVersion = model.Version,
            Survived = answer.Survived,
            Probability = answer.Probability,
            Survivors = answer.Survivors,
            Neighbors = answer.Neighbors,
        };
    }
}

/// <summary>Answers, each a stored row unless <see cref="AnswerLog.Off"/> is set, and the model that gave them.</summary>
public sealed record Answered(ServedModel Model, IReadOnlyList<Prediction> Predictions);

/// <summary>Nobody can answer: no version has been promoted yet, or the alarm says why those that were cannot serve.</summary>
public sealed class NoChampionException(ChampionAlarm? alarm)
    : Exception(alarm?.Message ?? "No model is in service yet. Train one first: run training, or wait until the first start has finished.");
