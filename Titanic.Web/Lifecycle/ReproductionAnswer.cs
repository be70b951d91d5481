using Titanic.Web.Registry;

namespace Titanic.Web.Lifecycle;

/// <summary>A reproduction as the API gives it; see <see cref="Reproduction"/> for the meaning of each part.</summary>
/// <param name="Verdict">"reproduced", "differs" or "impossible".</param>
public sealed record ReproductionAnswer(
    long Id, string Model, int Version, string Verdict, string Summary, IReadOnlyList<string> Differences, string? LeftOut,
    DateTimeOffset ReproducedAt, double DurationInSeconds, string AskedBy, long? RunId, DateOnly? AuditDate,
    string CodeVersion, string Platform, int VectorBits,
    string DatasetSha256, string? ReadDatasetSha256, string RegisteredSha256, string StoredSha256, string? ReproducedSha256,
    int FiguresCompared, int FiguresDifferent)
{
    internal static ReproductionAnswer Of(Reproduction result) => new(
        result.ReproductionId, result.ModelName, result.Version, result.Verdict.ToString().ToLowerInvariant(), result.Summary, result.Differences, result.LeftOut,
        result.ReproducedAt, result.Duration.TotalSeconds, result.AskedBy, result.RunId, result.AuditDate,
        result.CodeVersion, result.Platform, result.VectorBits,
        result.DatasetSha256, result.ReadDatasetSha256, result.RegisteredSha256, result.StoredSha256, result.ReproducedSha256,
        result.FiguresCompared, result.FiguresDifferent);
}

/// <summary>Reproductions of a version, newest first.</summary>
/// <param name="Next">The address of the next page; null on the last.</param>
public sealed record ReproductionPage(IReadOnlyList<ReproductionAnswer> Reproductions, string? Next);
