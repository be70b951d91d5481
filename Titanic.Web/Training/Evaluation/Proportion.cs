namespace Titanic.Web.Training.Evaluation;

/// <summary><paramref name="Successes"/> of <paramref name="Trials"/>.</summary>
public sealed record Proportion(int Successes, int Trials)
{
    /// <summary>Two-sided 95 % quantile of the standard normal distribution.</summary>
    internal const double Z = 1.959963984540054;

    /// <summary>0..1, or null where nothing was tried.</summary>
    public double? Value => Trials == 0 ? null : (double)Successes / Trials;

    /// <summary>95 % score interval (Wilson, 1927), within 0..1 and good for few trials; null where nothing was tried.</summary>
    public Interval? Confidence95
    {
        get
        {
            if (Value is not { } share)
                return null;
            var spread = Z * Z / Trials;
            var centre = (share + spread / 2) / (1 + spread);
            var half = Z / (1 + spread) * Math.Sqrt(share * (1 - share) / Trials + spread / Trials / 4);
            return new Interval(Math.Max(0, centre - half), Math.Min(1, centre + half));
        }
    }
}
