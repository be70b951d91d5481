namespace Titanic.Web.Serving.Receipts;

/// <summary>One thing that a receipt says, held against what it must be.</summary>
/// <param name="Name">For programs; one of <see cref="ReceiptChecks"/>.</param>
/// <param name="What">What is checked, for people.</param>
/// <param name="Stored">As it was written down; null where nothing was.</param>
/// <param name="Found">As it comes out now; null where the check was not made.</param>
/// <param name="Sentence">What came out; of a check that was not made, why.</param>
public sealed record ReceiptCheck(string Name, string What, CheckResult Result, string? Stored, string? Found, string Sentence)
{
    /// <param name="stored">What was written down, as words or digits that are equal only if the values are.</param>
    /// <param name="failed">What to say when the two differ.</param>
    internal static ReceiptCheck Compare((string Name, string What) check, string? stored, string? found, string passed, string failed) =>
        stored == found ? Of(check, CheckResult.Passed, stored, found, passed) : Of(check, CheckResult.Failed, stored, found, failed);

    internal static ReceiptCheck NotMade((string Name, string What) check, string? stored, string why) => Of(check, CheckResult.NotMade, stored, null, why);

    internal static ReceiptCheck Of((string Name, string What) check, CheckResult result, string? stored, string? found, string sentence) =>
        new(check.Name, check.What, result, stored, found, sentence);
}

public enum CheckResult
{
    Passed,
    Failed,

    /// <summary>Something else has to be sound first, or the asker may not have it made.</summary>
    NotMade,
}

/// <summary>All checks, in the order in which they are made: from the bytes to the rows behind them.</summary>
internal static class ReceiptChecks
{
    public static readonly (string Name, string What) Artifact = ("artifact", "The model's bytes are those that were registered");
    public static readonly (string Name, string What) Model = ("model", "The bytes are a model of the view that was encoded for");
    public static readonly (string Name, string What) Encoding = ("encoding", "The question, encoded again, is the stored point");
    public static readonly (string Name, string What) Survived = ("survived", "The bytes give the stored answer");
    public static readonly (string Name, string What) Probability = ("probability", "The bytes give the stored probability, bit for bit");
    public static readonly (string Name, string What) Survivors = ("survivors", "The bytes count the stored survivors");
    public static readonly (string Name, string What) Neighbors = ("neighbors", "The bytes count the stored neighbours");
    public static readonly (string Name, string What) Row = ("row", "The passenger's row said what was asked");
    public static readonly (string Name, string What) Live = ("live", "The model had, or had not, learned the passenger, as stored");
    public static readonly (string Name, string What) Learned = ("learned", "The bytes learned as many rows as the training dataset has");
    public static readonly (string Name, string What) Dataset = ("dataset", "The training dataset, read again, has the stored digest");
    public static readonly (string Name, string What) Outcome = ("outcome", "The outcome is part of a training dataset whose digest still holds");
}
