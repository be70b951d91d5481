namespace Titanic.Web.Tests.Repository;

/// <summary>The files that these tests were built from.</summary>
internal static class RepositoryFolder
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = Find();

    public static string Web => Path.Combine(Root, "Titanic.Web");

    /// <summary>The noun folders: those with C# of our own in them.</summary>
    public static IReadOnlyList<string> Nouns { get; } =
    [
        .. Directory.EnumerateDirectories(Web)
            .Where(folder => Path.GetFileName(folder) is not ("bin" or "obj"))
            .Where(folder => CodeIn(folder).Any())
            .Select(folder => Path.GetFileName(folder)!)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>All C# files below a folder but what a build made there.</summary>
    public static IEnumerable<string> CodeIn(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(file => !Path.GetRelativePath(Web, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules"));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Titanic.sln")))
                return folder.FullName;
        }
        throw new FileNotFoundException($"No folder above {AppContext.BaseDirectory} holds Titanic.sln.");
    }
}
