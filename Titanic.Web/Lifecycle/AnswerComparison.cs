using System.Globalization;
using System.Text.Json.Serialization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;
using Titanic.Web.Training.Alternatives;

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

/// <summary>
/// Asks two versions about the same passengers: about everybody there can be where both are K-NNs of one finite view, so that the diff of
/// their decision tables is exact; else about a fixed grid of passengers, each version through its own encoder.
/// </summary>
internal static class AnswerGrid
{
    private static readonly double?[] _ages = [null, 2, 6, 10, 14, 18, 22, 26, 30, 34, 38, 42, 46, 50, 54, 58, 62, 66, 70, 75];
    private static readonly double?[] _fares = [null, 0, 5, 7.5, 8, 10, 13, 15, 20, 26, 30, 40, 50, 60, 75, 100, 125, 150, 200, 250, 400];

    public static AnswerComparison Compare(AnsweringVersion first, AnsweringVersion second) =>
        first.Table is { } before && second.Table is { } after && first.View == second.View
            ? Exact(first.View, before, after)
            : Sampled(first, second);

    private static AnswerComparison Exact(ITrainingView view, DecisionTable before, DecisionTable after)
    {
        var changes = before.ChangesTo(after);
        var (ages, fares) = (view.Axes[2].Values, view.Axes[3].Values);
        var grid = Fill([.. ages.Select(age => age.Name)], [.. fares.Select(fare => fare.Name)], (pclass, sex, age, fare) =>
        {
            var code = view.CodeOf([pclass.Code, sex.Code, ages[age].Code, fares[fare].Code])!.Value;
            return (VersionAnswered.Of(before.Answers[code]), VersionAnswered.Of(after.Answers[code]));
        });
        var fates = changes.Count(change => change.ChangesFate);
        return new AnswerComparison(
            true, before.Answers.Count, fates, changes.Count,
            Invariant($"{fates} of {before.Answers.Count:#,##0} passengers change fate: these are all inputs that {view.Schema} has."), FatesOf(grid), grid);
    }

    private static AnswerComparison Sampled(AnsweringVersion first, AnsweringVersion second)
    {
        var grid = Fill([.. _ages.Select(NameOfAge)], [.. _fares.Select(NameOfFare)], (pclass, sex, age, fare) =>
            (Ask(first, pclass, sex, _ages[age], _fares[fare]), Ask(second, pclass, sex, _ages[age], _fares[fare])));
        var answers = Answers(grid).ToList();
        var fates = answers.Count(answer => answer.ChangesFate);
        return new AnswerComparison(
            false, answers.Count, fates, answers.Count(answer => answer.Changes),
            Invariant($"{fates} of {answers.Count:#,##0} passengers of a fixed grid change fate: the versions have no decision tables of one view, so each was asked through its own encoder."),
            FatesOf(grid), grid);
    }

    private static VersionAnswered Ask(AnsweringVersion version, AxisValue pclass, AxisValue sex, double? ageInYears, double? fareInPounds) =>
        version.Answer(version.View.Encode((int)pclass.Code, (Sex)(int)sex.Code, ageInYears, fareInPounds));

    private static ComparedGrid Fill(
        IReadOnlyList<string> ages, IReadOnlyList<string> fares, Func<AxisValue, AxisValue, int, int, (VersionAnswered First, VersionAnswered Second)> ask) => new(ages, fares,
        [
            .. from pclass in FeatureAxis.Classes.Values
               from sex in FeatureAxis.Sexes.Values
               select new ComparedPanel(pclass.Name, sex.Name, [.. ages.Select((nameOfAge, age) => (IReadOnlyList<ComparedAnswer>)[.. fares.Select((nameOfFare, fare) =>
               {
                   var (first, second) = ask(pclass, sex, age, fare);
                   return new ComparedAnswer(pclass.Name, sex.Name, nameOfAge, nameOfFare, first, second);
               })])]),
        ]);

    private static IEnumerable<ComparedAnswer> Answers(ComparedGrid grid) => grid.Panels.SelectMany(panel => panel.Rows).SelectMany(row => row);

    private static ComparedAnswer[] FatesOf(ComparedGrid grid) => [.. Answers(grid).Where(answer => answer.ChangesFate)];

    private static string NameOfAge(double? years) => years is null ? "Unknown" : Invariant($"{years} years");

    private static string NameOfFare(double? pounds) => pounds is not { } known ? "unknown" : double.IsInteger(known) ? Invariant($"£{known}") : Invariant($"£{known:0.00}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Any registered version, of whatever learner, ready to be asked.</summary>
/// <param name="View">Encodes the questions.</param>
/// <param name="Table">All answers of a K-NN whose view is finite; null for any other.</param>
internal sealed record AnsweringVersion(ITrainingView View, Func<double[], VersionAnswered> Answer, DecisionTable? Table)
{
    /// <exception cref="InvalidDataException">The stored bytes are damaged, or not those of a model that this code can read.</exception>
    /// <exception cref="LearnerUnavailableException">The learner's native library cannot be loaded on this machine.</exception>
    public static AnsweringVersion Of(ModelVersion version)
    {
        version.RequireRegisteredBytes();
        var model = LearnerCatalog.Load(version.Algorithm, version.Artifact);
        return new AnsweringVersion(model.Trainer.View, point => VersionAnswered.Of(model.Predict(point)), model.ToDecisionTable());
    }
}
