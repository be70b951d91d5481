namespace Titanic.Web.FeatureStore;

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
