using System.Text.Json;

namespace Titanic.Web.Hosting.EmbeddedPostgres;

/// <summary>A link among PostgreSQL's libraries; both paths are relative to the folder with <c>bin</c> and <c>lib</c>.</summary>
internal sealed record LibraryLink(string File, string Link)
{
    private const string Prefix = "native/";

    /// <summary>Reads the package's list: <c>[{"source": "native/lib/libpq.so.5.18", "target": "…"}, …]</c>.</summary>
    public static IReadOnlyList<LibraryLink> Read(string list)
    {
        using var json = JsonDocument.Parse(System.IO.File.ReadAllText(list));
        return [.. json.RootElement.EnumerateArray().Select(entry => new LibraryLink(
            Inside(entry.GetProperty("source").GetString()!),
            Inside(entry.GetProperty("target").GetString()!)))];
    }

    /// <summary>Makes the link unless there is a file of that name. The link is relative, so the folder can move.</summary>
    public void MakeWhenMissing(string folder)
    {
        var link = Path.Combine(folder, Link);
        if (!System.IO.File.Exists(link))
            System.IO.File.CreateSymbolicLink(link, Path.GetRelativePath(Path.GetDirectoryName(link)!, Path.Combine(folder, File)));
    }

    private static string Inside(string path) => path.StartsWith(Prefix, StringComparison.Ordinal) ? path[Prefix.Length..] : path;
}
