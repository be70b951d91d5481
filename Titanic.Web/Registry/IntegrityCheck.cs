namespace Titanic.Web.Registry;

/// <summary>A stored fact compared with the same fact as it is read or computed now: one check of a receipt or of an archive.</summary>
/// <param name="Holds">Null where the check could not be made.</param>
/// <param name="Sentence">What was found; of a check that was not made, why.</param>
public record IntegrityCheck(string Name, bool? Holds, string Sentence);
