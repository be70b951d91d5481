namespace Titanic.Web.Passengers;

/// <summary>A rule that every row has to keep, whichever way it comes in.</summary>
/// <param name="Name">Stable; validation reports count by it.</param>
/// <param name="Column">The column it speaks of; null for the row as a whole.</param>
/// <param name="Expects">What is allowed, for people.</param>
public sealed record PassengerRule(string Name, RuleKind Kind, string? Column, string Expects);

public enum RuleKind
{
    /// <summary>The row can be told apart into cells.</summary>
    Form,

    /// <summary>The text is a value of the column's type.</summary>
    Type,
    Range,
    Set,
    Length,

    /// <summary>A value is there.</summary>
    Completeness,
    Uniqueness,
}

/// <summary>What is wrong with one row: the broken rule, and a sentence that says what was seen and what is allowed.</summary>
public sealed record RowProblem(PassengerRule Rule, string Sentence);
