using Npgsql;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>A feature view as training, serving and explanations meet it; one implementation for each encoder.</summary>
public interface ITrainingView
{
    FeatureViewSchema Schema { get; }

    /// <summary>A question through the view's encoder, which throws for values that nobody can have.</summary>
    /// <returns>The encoded values in the order of the view's features.</returns>
    double[] Encode(int pclass, Sex sex, double? ageInYears, double? fareInPounds);

    /// <summary>Every input that there can be, by <c>CodeOf</c>; null where there is no end of them.</summary>
    IReadOnlyList<double[]>? AllPoints { get; }

    /// <summary>A point's place among <see cref="AllPoints"/>; null where there is no end of them.</summary>
    short? CodeOf(ReadOnlySpan<double> features);

    /// <summary>The code of what <see cref="Encode"/> makes of a question, without making it.</summary>
    short? CodeOf(int pclass, Sex sex, double? ageInYears, double? fareInPounds);

    /// <summary>Whether the view's encoder can have made these values; any others of the right number may be asked about.</summary>
    bool IsPoint(ReadOnlySpan<double> features);

    /// <summary>What explanations move each feature over, in the order of the features; together they span <see cref="AllPoints"/>.</summary>
    IReadOnlyList<FeatureAxis> Axes { get; }

    /// <summary>An encoded value as people say it: "1st class", "over £25 to £50", "29 years".</summary>
    /// <param name="feature">Its place among the view's features.</param>
    string NameOf(int feature, double code);

    /// <summary>The columns of <c>passengers p</c> that a point is made of, for a select list and a group by.</summary>
    string Columns { get; }

    /// <summary>A point through the view's encoder.</summary>
    /// <param name="first">Where <see cref="Columns"/> begin.</param>
    double[] ReadPoint(NpgsqlDataReader row, int first);

    /// <summary>Length of a point's canonical bytes.</summary>
    int PointLength { get; }

    /// <summary>A point's canonical bytes; they are part of stored digests, so they never change.</summary>
    void WritePoint(ReadOnlySpan<double> features, Span<byte> bytes);
}

/// <summary>All feature views that training datasets can be made of.</summary>
public static class TrainingViews
{
    public static ITrainingView Binned { get; } = new BinnedTrainingView();
    public static ITrainingView Numeric { get; } = new NumericTrainingView();
    public static IReadOnlyList<ITrainingView> All { get; } = [Binned, Numeric];

    /// <summary>Null when there is no such view.</summary>
    public static ITrainingView? Find(string name, int version) =>
        All.SingleOrDefault(view => view.Schema.Name == name && view.Schema.Version == version);

    /// <summary>The view that an encoder belongs to; null when this code has no such encoder.</summary>
    public static ITrainingView? OfEncoder(string encoderId) => All.SingleOrDefault(view => view.Schema.EncoderId == encoderId);

    /// <exception cref="ArgumentException">There is no such view.</exception>
    public static ITrainingView Of(string name, int version) => Find(name, version) ?? throw new ArgumentException(Missing(name, version));

    /// <summary>"titanic_binned v1 and titanic_numeric v1".</summary>
    public static string Names => string.Join(" and ", All.Select(view => view.Schema));

    /// <summary>The sentence that says that a view is not there, and which are.</summary>
    public static string Missing(string name, int version) =>
        FormattableString.Invariant($"There is no feature view {Excerpt.Truncate(name)} v{version}; there are {Names}.");
}

/// <summary>
/// The values that one feature of a view is moved over, in order: all it can have where there is an end of them, else a fixed choice.
/// Words and raw values stand beside the encoded ones, so that what is found among codes can be said, and asked, in people's terms.
/// </summary>
/// <param name="Feature">As <see cref="FeatureViewSchema.FeatureNames"/> calls it.</param>
/// <param name="Question">The member of a question that the feature is made of: pclass, sex, age or fare.</param>
public sealed record FeatureAxis(string Feature, string Question, IReadOnlyList<AxisValue> Values)
{
    internal static FeatureAxis Classes { get; } = new("pclass", "pclass",
    [
        new(1, "1st class", "they had travelled 1st class", 1, 1),
        new(2, "2nd class", "they had travelled 2nd class", 2, 2),
        new(3, "3rd class", "they had travelled 3rd class", 3, 3),
    ]);

    internal static FeatureAxis Sexes { get; } = new("sex", "sex",
    [
        new(0, "male", "they had been male", 0, 0),
        new(1, "female", "they had been female", 1, 1),
    ]);

    /// <summary>The value with this code; null where the axis has none.</summary>
    public AxisValue? Find(double code) => Values.FirstOrDefault(value => value.Code == code);
}

/// <param name="Code">The encoded value.</param>
/// <param name="Name">"1st class", "over £25 to £50", "30 years".</param>
/// <param name="Clause">What follows "the passenger would have survived if": "the ticket had cost over £25 and up to £50".</param>
/// <param name="Lowest">The smallest raw value, in the steps of the lists (whole years, hundredths of a pound), that is encoded so; null for a missing one.</param>
/// <param name="Highest">The largest; null for a missing one, and for an open bin.</param>
public sealed record AxisValue(double Code, string Name, string Clause, double? Lowest, double? Highest)
{
    /// <summary>The raw value nearest to another that is encoded so; null where only a missing value is.</summary>
    public double? Nearest(double? raw)
    {
        if (Lowest is null || raw < Lowest)
            return Lowest;
        return raw > Highest || raw is null ? Highest ?? Lowest : raw;
    }
}
