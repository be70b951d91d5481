using Npgsql;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// A feature view with its encoder, for training, serving and explanations. A point is one encoded input: an array of
/// <c>Schema.Features.Count</c> (4) doubles in the order of the features. There is one implementation per encoder.
/// </summary>
public interface ITrainingView
{
    /// <summary>Name, version, features, label and constants of the view.</summary>
    FeatureViewSchema Schema { get; }

    /// <summary>Encodes raw values.</summary>
    /// <param name="pclass">1, 2 or 3.</param>
    /// <param name="sex">Male or female.</param>
    /// <param name="ageInYears">0 to 120, or null if unknown.</param>
    /// <param name="fareInPounds">0 to 10,000, or null if unknown.</param>
    /// <returns>A point, shape (4,), in the order of the features.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range.</exception>
    double[] Encode(int pclass, Sex sex, double? ageInYears, double? fareInPounds);

    /// <summary>All points of a finite view, indexed by <c>CodeOf</c>; null for a view with an infinite number of points.</summary>
    IReadOnlyList<double[]>? AllPoints { get; }

    /// <summary>The index of a point in <see cref="AllPoints"/>; null if the view is infinite.</summary>
    short? CodeOf(ReadOnlySpan<double> features);

    /// <summary>
    /// Returns the code of the point that <see cref="Encode"/> returns for the same values, without allocating the array.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range and the view is finite.</exception>
    short? CodeOf(int pclass, Sex sex, double? ageInYears, double? fareInPounds);

    /// <summary>
    /// Whether the encoder can produce these values. <paramref name="features"/> must have one value per feature; values are not
    /// restricted.
    /// </summary>
    bool IsValidPoint(ReadOnlySpan<double> features);

    /// <summary>
    /// The values that explanations try for each feature, in the order of the features. Their product is <see cref="AllPoints"/> if the
    /// view is finite.
    /// </summary>
    IReadOnlyList<FeatureAxis> Axes { get; }

    /// <summary>Formats an encoded value for display, such as "1st class", "over £25 to £50" or "29 years".</summary>
    /// <param name="feature">0-based index of the feature.</param>
    /// <param name="code">The encoded value.</param>
    string NameOf(int feature, double code);

    /// <summary>SQL: the columns of <c>passengers p</c> that determine a point, comma-separated, for a select list or a group by.</summary>
    string SqlColumns { get; }

    /// <summary>Reads the columns <see cref="SqlColumns"/> of a row and returns the point, shape (4,).</summary>
    /// <param name="first">0-based index of the first of these columns.</param>
    double[] ReadPoint(NpgsqlDataReader row, int first);

    /// <summary>Number of canonical bytes of a point.</summary>
    int PointLength { get; }

    /// <summary>
    /// Writes the canonical bytes of a point. Digests of stored training datasets include them, so the format must not change.
    /// </summary>
    /// <param name="features">A valid point.</param>
    /// <param name="bytes">At least <see cref="PointLength"/> bytes.</param>
    void WritePoint(ReadOnlySpan<double> features, Span<byte> bytes);
}

/// <summary>The feature views that training datasets can use.</summary>
public static class TrainingViews
{
    public static ITrainingView Binned { get; } = new BinnedTrainingView();
    public static ITrainingView Numeric { get; } = new NumericTrainingView();
    public static IReadOnlyList<ITrainingView> All { get; } = [Binned, Numeric];

    /// <summary>Returns the view with this name and version, or null.</summary>
    public static ITrainingView? Find(string name, int version) =>
        All.SingleOrDefault(view => view.Schema.Name == name && view.Schema.Version == version);

    /// <summary>Returns the view of an encoder, or null if this version of the code does not have the encoder.</summary>
    public static ITrainingView? FindByEncoder(string encoderId) => All.SingleOrDefault(view => view.Schema.EncoderId == encoderId);

    /// <summary>The name of an encoder in texts, which is that of its view: "titanic_binned v1" of "titanic_binned/1".</summary>
    public static string NameOf(string encoderId) => encoderId.Replace("/", " v", StringComparison.Ordinal);

    /// <summary>Returns the view with this name and version.</summary>
    /// <exception cref="ArgumentException">There is no such view.</exception>
    public static ITrainingView Get(string name, int version) =>
        Find(name, version) ?? throw new ArgumentException(NotFoundMessage(name, version));

    /// <summary>All views for messages: "titanic_binned v1 and titanic_numeric v1".</summary>
    public static string Names => string.Join(" and ", All.Select(view => view.Schema));

    /// <summary>The message for a view that does not exist, or for a missing name; it lists the views that exist.</summary>
    public static string NotFoundMessage(string name, int version)
    {
        string[] names = [.. All.Select(view => view.Schema.ToString())];
        return name.Length == 0
            ? ErrorText.Invalid("The feature view", null, ErrorText.OneOf(names))
            : ErrorText.UnknownName("feature view", FormattableString.Invariant($"{name} v{version}"), names);
    }
}

/// <summary>
/// The values of one feature that explanations try, in ascending order: all values of a finite feature, otherwise a fixed selection.
/// Each value has a display name and raw values, so that explanations can be displayed and sent as prediction requests.
/// </summary>
/// <param name="Feature">A name in <see cref="FeatureViewSchema.FeatureNames"/>.</param>
/// <param name="InputField">The member of a prediction request that the feature is computed from: pclass, sex, age or fare.</param>
/// <param name="Values">The values, not empty.</param>
public sealed record FeatureAxis(string Feature, string InputField, IReadOnlyList<AxisValue> Values)
{
    internal static FeatureAxis Pclass { get; } = new("pclass", "pclass",
    [
        .. PassengerLimits.Pclasses.Select(pclass =>
            new AxisValue(pclass, $"{Format.Class(pclass)} class", $"the class is {Format.Class(pclass)}", pclass, pclass)),
    ]);

    internal static FeatureAxis Sex { get; } = new("sex", "sex",
    [
        new(0, "male", "the passenger is male", 0, 0),
        new(1, "female", "the passenger is female", 1, 1),
    ]);

    /// <summary>Returns the value with this code, or null.</summary>
    public AxisValue? Find(double code) => Values.FirstOrDefault(value => value.Code == code);
}

/// <summary>One value of a <see cref="FeatureAxis"/>.</summary>
/// <param name="Code">The encoded value.</param>
/// <param name="Name">Display name, such as "1st class", "over £25 to £50" or "30 years".</param>
/// <param name="Clause">
/// The clause after "the prediction changes to survived if": "the fare is over £25 and up to £50".
/// </param>
/// <param name="Lowest">
/// The lowest raw value with this code, in whole years or hundredths of a pound; null for the code of a missing value.
/// </param>
/// <param name="Highest">The highest raw value with this code; null for the code of a missing value and for an open bin.</param>
public sealed record AxisValue(double Code, string Name, string Clause, double? Lowest, double? Highest)
{
    /// <summary>
    /// Returns the raw value with this code that is nearest to <paramref name="raw"/>; null if only a missing value has this code.
    /// </summary>
    public double? Nearest(double? raw)
    {
        if (Lowest is null || raw < Lowest)
            return Lowest;
        return raw > Highest || raw is null ? Highest ?? Lowest : raw;
    }
}
