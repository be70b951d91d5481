namespace Titanic.Web.Training.Challengers;

/// <summary>Configuration section <c>Training:Challengers</c>.</summary>
public sealed class ChallengerSettings
{
    /// <summary>How often all rows are dealt anew to compare the K-NN with its challengers; 0: they are not measured.</summary>
    public int Repeats { get; set; } = 2;

    /// <summary>Sentences saying what is wrong; none for settings that can be used.</summary>
    public IEnumerable<string> Problems() =>
        Repeats is < 0 or > 100 ? [$"Challengers: there are {Repeats} repeats; it must be 0..100, and 0 means not to measure them."] : [];
}
