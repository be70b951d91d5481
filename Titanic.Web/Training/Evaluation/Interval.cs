namespace Titanic.Web.Training.Evaluation;

public readonly record struct Interval(double Lower, double Upper)
{
    internal static Interval Around(double centre, double half) => new(centre - half, centre + half);

    /// <summary>Without what a figure cannot be: a share is not below 0 nor above 1.</summary>
    internal Interval Within(double least, double most) => new(Math.Clamp(Lower, least, most), Math.Clamp(Upper, least, most));
}
