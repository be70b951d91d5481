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
