namespace Titanic.Web.Database;

/// <summary>Patterns of LIKE and ILIKE.</summary>
internal static class LikePattern
{
    /// <summary>The escape character: PostgreSQL's default in SQL, to be named in queries of Entity Framework, which has none.</summary>
    public const string Escape = "\\";

    /// <summary>Matches values that contain a text, whose wildcards are escaped.</summary>
    public static string Containing(string text) => $"%{text
        .Replace(Escape, Escape + Escape, StringComparison.Ordinal).Replace("%", Escape + "%", StringComparison.Ordinal).Replace("_", Escape + "_", StringComparison.Ordinal)}%";
}
