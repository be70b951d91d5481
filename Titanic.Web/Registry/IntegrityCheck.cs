namespace Titanic.Web.Registry;

/// <summary>
/// The result of one check of a receipt or of an archive: a stored value compared with the value that is read or computed now.
/// </summary>
/// <param name="Holds">True when the two agree; null when the check was not made.</param>
/// <param name="Sentence">The finding; for a check that was not made, the reason.</param>
public record IntegrityCheck(string Name, bool? Holds, string Sentence);
