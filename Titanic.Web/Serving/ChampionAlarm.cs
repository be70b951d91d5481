namespace Titanic.Web.Serving;

/// <summary>The version that the registry names champion cannot serve.</summary>
/// <param name="Refused">The champion's version.</param>
/// <param name="Answering">Who answers in its place, or by a sound copy in memory; null: nobody.</param>
/// <param name="Reason">What is wrong with it, as a sentence.</param>
public sealed record ChampionAlarm(int Refused, int? Answering, string Reason)
{
    /// <summary>What is wrong, what this process does about it, and what a person can do.</summary>
    public string Message => $"{Reason} {Consequence} Roll back, or promote a version that is sound.";

    private string Consequence => Answering switch
    {
        null => "Nothing answers.",
        { } version when version == Refused => "This process still answers by its sound copy in memory, but no process that starts now can.",
        { } version => $"Version {version} answers in its place.",
    };
}
