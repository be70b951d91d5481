using System.Text.Json.Serialization;
using Titanic.Web.Training;

namespace Titanic.Web.Lifecycle;

/// <summary>What two versions say to the same passengers.</summary>
/// <param name="IsExact">True when these are all inputs that there can be; else a fixed grid.</param>
/// <param name="Inputs">How many passengers were asked about.</param>
/// <param name="ChangedFates">How many live by one version and die by the other.</param>
/// <param name="ChangedAnswers">How many get another answer in any part.</param>
/// <param name="Sentence">The same in words.</param>
/// <param name="Fates">Those whose fate changes, in the grid's order.</param>
/// <param name="Grid">All answers.</param>
public sealed record AnswerComparison(
    bool IsExact, int Inputs, int ChangedFates, int ChangedAnswers, string Sentence, IReadOnlyList<ComparedAnswer> Fates, [property: JsonIgnore] ComparedGrid Grid);

/// <summary>Answers by class and sex, and in each by age and fare.</summary>
public sealed record ComparedGrid(IReadOnlyList<string> Ages, IReadOnlyList<string> Fares, IReadOnlyList<ComparedPanel> Panels);

/// <param name="Rows">A row for each age, in it a cell for each fare.</param>
public sealed record ComparedPanel(string Pclass, string Sex, IReadOnlyList<IReadOnlyList<ComparedAnswer>> Rows);

/// <summary>One passenger and both answers.</summary>
/// <param name="Age">In words, like all that describes the passenger.</param>
public sealed record ComparedAnswer(string Pclass, string Sex, string Age, string Fare, VersionAnswered First, VersionAnswered Second)
{
    [JsonIgnore]
    public bool ChangesFate => First.Survived != Second.Survived;

    /// <summary>Whether the answers differ in any part.</summary>
    [JsonIgnore]
    public bool Changes => First != Second;
}

/// <param name="Probability">Of survival, 0..1.</param>
/// <param name="Survivors">Of the neighbours; null for learners without any.</param>
public sealed record VersionAnswered(bool Survived, double Probability, int? Survivors = null, int? Neighbors = null)
{
    internal static VersionAnswered Of(ClassPrediction prediction) => prediction.Neighbors == 0
        ? new(prediction.Survived, prediction.Probability)
        : new(prediction.Survived, prediction.Probability, prediction.Survivors, prediction.Neighbors);
}
