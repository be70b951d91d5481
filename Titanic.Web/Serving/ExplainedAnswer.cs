using System.Text.Json.Serialization;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Serving;

/// <summary>Why an answer came out as it did, in people's terms: as pages show it and the API gives it.</summary>
/// <param name="Neighbors">The inputs whose rows voted, nearest first.</param>
public sealed record ExplainedAnswer(
    IReadOnlyList<ExplainedNeighbor> Neighbors, ExplainedChange Change, ExplainedRemoval Removal, IReadOnlyList<ExplainedFeature> Sensitivity);

/// <param name="Distance">From what was asked, in standard deviations.</param>
/// <param name="People">Some of those of the historical list who stand there.</param>
/// <param name="More">How many others of the training dataset stand there.</param>
public sealed record ExplainedNeighbor(
    IReadOnlyList<EncodedValue> Input, int Died, int Survived, double Distance, IReadOnlyList<KnownPerson> People, int More)
{
    [JsonIgnore]
    public string InWords => string.Join(", ", Input.Select(value => value.Meaning));
}

/// <param name="Key">Of the historical list: the passenger's page is <c>/features/passengers/titanic3/{key}</c>.</param>
public sealed record KnownPerson(string Key, string Name, bool Survived);

/// <summary>One encoded value and what it stands for.</summary>
public sealed record EncodedValue(string Feature, double Value, string Meaning)
{
    public static IReadOnlyList<EncodedValue> Of(ITrainingView view, IReadOnlyList<double> point) =>
        [.. view.Schema.FeatureNames.Select((feature, i) => new EncodedValue(feature, point[i], view.NameOf(i, point[i])))];
}

/// <summary>The smallest change of inputs that turns the answer.</summary>
/// <param name="Sentence">What was found, or that nothing was.</param>
/// <param name="IsExact">Whether every possible input was looked at.</param>
/// <param name="Scope">Where was looked, as a sentence.</param>
/// <param name="Distance">In standard deviations; null without an alternative.</param>
/// <param name="Alternatives">All changes that are equally small; none where nothing turns the answer.</param>
public sealed record ExplainedChange(string Sentence, bool IsExact, string Scope, double? Distance, IReadOnlyList<Alternative> Alternatives);

/// <param name="Question">What to ask for it: the values as they were, and of the changed ones the nearest that will do.</param>
public sealed record Alternative(string Sentence, IReadOnlyList<EncodedValue> Changes, PassengerInput Question, bool Survived, double Probability);

/// <summary>The fewest training rows without which the answer would have been the opposite.</summary>
/// <param name="Rows">Null where no removal turns the answer.</param>
/// <param name="Inputs">One choice of the rows, by where they stand.</param>
public sealed record ExplainedRemoval(string Sentence, int? Rows, IReadOnlyList<RemovedInput> Inputs);

public sealed record RemovedInput(IReadOnlyList<EncodedValue> Input, bool Survived, int Rows);

/// <summary>What the answer would be for each value of one feature, all else as asked.</summary>
/// <param name="Question">The member of the question that the feature is made of.</param>
public sealed record ExplainedFeature(string Feature, string Question, IReadOnlyList<ExplainedValue> Values);

/// <param name="Lowest">The smallest raw value that counts as this one; null for a missing value.</param>
/// <param name="Highest">The largest; null for a missing value and where there is no end.</param>
public sealed record ExplainedValue(double Value, string Meaning, double? Lowest, double? Highest, bool IsAsked, bool Survived, double Probability);
