namespace Titanic.Web.Monitoring;

/// <summary>Answers by day and by who asked.</summary>
/// <param name="Since">First logical date.</param>
/// <param name="Until">Last logical date.</param>
/// <param name="Days">Newest first; a day and source without answers is left out.</param>
public sealed record AnswerSummary(DateOnly Since, DateOnly Until, IReadOnlyList<AnswersOfDay> Days)
{
    /// <summary>All days of a source together.</summary>
    public AnswerFigures Of(string source) => Days.Where(day => day.Source == source).Aggregate(AnswerFigures.None, (sum, day) => sum + day.Figures);

    public AnswerFigures Of(string source, DateOnly day) => Days.FirstOrDefault(found => found.Source == source && found.Day == day)?.Figures ?? AnswerFigures.None;
}

/// <param name="Source">One of <see cref="PredictionFilter.Sources"/>.</param>
public sealed record AnswersOfDay(DateOnly Day, string Source, AnswerFigures Figures);

/// <param name="Surviving">Answers that say "survived".</param>
/// <param name="ProbabilitySum">Sum of the probabilities of survival.</param>
/// <param name="AreAtLeast">Only the newest were looked through, so there are more.</param>
public sealed record AnswerFigures(long Answers, long Surviving, double ProbabilitySum, bool AreAtLeast)
{
    public static AnswerFigures None { get; } = new(0, 0, 0, false);

    /// <summary>Of the answers that say "survived", 0..1; null without answers.</summary>
    public double? SurvivingShare => Answers == 0 ? null : (double)Surviving / Answers;

    /// <summary>The mean chance of survival, 0..1: it shifts when other people are asked about, or another model answers.</summary>
    public double? MeanProbability => Answers == 0 ? null : ProbabilitySum / Answers;

    public static AnswerFigures operator +(AnswerFigures one, AnswerFigures other) => new(
        one.Answers + other.Answers, one.Surviving + other.Surviving, one.ProbabilitySum + other.ProbabilitySum, one.AreAtLeast || other.AreAtLeast);
}
