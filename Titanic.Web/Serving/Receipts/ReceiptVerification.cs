namespace Titanic.Web.Serving.Receipts;

/// <summary>What came out of verifying a receipt.</summary>
/// <param name="Checks">All of them, also those that were not made, in the order of <see cref="ReceiptChecks"/>.</param>
public sealed record ReceiptVerification(long PredictionId, IReadOnlyList<ReceiptCheck> Checks, TimeSpan Duration)
{
    /// <summary>Nothing that was checked is wrong.</summary>
    public bool IsSound => Checks.All(check => check.Result != CheckResult.Failed);

    public int Passed => Count(CheckResult.Passed);
    public int Failed => Count(CheckResult.Failed);
    public int NotMade => Count(CheckResult.NotMade);

    /// <summary>"Sound: all 7 checks passed." or what is wrong, in one line.</summary>
    public string Verdict
    {
        get
        {
            var left = NotMade == 0 ? "" : FormattableString.Invariant($" {NotMade} {(NotMade == 1 ? "was" : "were")} not made.");
            return IsSound
                ? FormattableString.Invariant($"Sound: {(NotMade == 0 ? "all " : "")}{Passed} checks passed.{left}")
                : FormattableString.Invariant($"Not sound: {Failed} of {Passed + Failed} checks failed.{left}");
        }
    }

    private int Count(CheckResult result) => Checks.Count(check => check.Result == result);
}
