using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>One of the 396 possible inputs of the feature view <c>titanic_binned</c> v1.</summary>
/// <param name="Pclass">1..3</param>
/// <param name="AgeGroup">0..5, see <see cref="BinnedEncoder.AgeGroups"/>.</param>
/// <param name="FareBand">0..10, see <see cref="BinnedEncoder.FareBands"/>.</param>
public readonly record struct BinnedPoint(int Pclass, Sex Sex, int AgeGroup, int FareBand)
{
    /// <summary>How many points the view has: 3 classes × 2 sexes × 6 age groups × 11 fare bands.</summary>
    public const int Count = 3 * 2 * 6 * 11;

    /// <summary>The point's place 0..395 in the view's canonical order; stored with every row, so it must never change.</summary>
    public short Code => (short)((((Pclass - 1) * 2 + (int)Sex) * 6 + AgeGroup) * 11 + FareBand);

    /// <summary>The four codes in the view's order: what the model measures distances between.</summary>
    public double[] Features => [Pclass, (double)Sex, AgeGroup, FareBand];

    /// <param name="features">As <see cref="Features"/> gives them.</param>
    public static BinnedPoint FromFeatures(ReadOnlySpan<double> features) =>
        new((int)features[0], (Sex)(int)features[1], (int)features[2], (int)features[3]);

    public static BinnedPoint FromCode(int code)
    {
        if (code is < 0 or >= Count)
            throw new ArgumentOutOfRangeException(nameof(code), code, $"A code of {BinnedEncoder.Id} is 0..{Count - 1}.");
        return new BinnedPoint(code / 132 + 1, (Sex)(code / 66 % 2), code / 11 % 6, code % 11);
    }
}
