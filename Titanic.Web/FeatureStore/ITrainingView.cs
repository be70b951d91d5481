using Npgsql;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>A feature view as training datasets read it; one implementation for each encoder.</summary>
public interface ITrainingView
{
    FeatureViewSchema Schema { get; }

    /// <summary>A question through the view's encoder, which throws for values that nobody can have.</summary>
    /// <returns>The encoded values in the order of the view's features.</returns>
    double[] Encode(int pclass, Sex sex, double? ageInYears, double? fareInPounds);

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
        FormattableString.Invariant($"There is no feature view {Excerpt.OfCell(name)} v{version}; there are {Names}.");
}
