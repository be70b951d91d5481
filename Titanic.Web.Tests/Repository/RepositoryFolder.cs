namespace Titanic.Web.Tests.Repository;

/// <summary>The folders and source files of the repository.</summary>
internal static class RepositoryFolder
{
    /// <summary>The folder with the solution file.</summary>
    public static string Root { get; } = Find();

    /// <summary>The folder of the web project.</summary>
    public static string Web => Path.Combine(Root, "Titanic.Web");

    /// <summary>The names of the module folders of the web project: those with C# files.</summary>
    public static IReadOnlyList<string> Modules { get; } =
    [
        .. Directory.EnumerateDirectories(Web)
            .Where(folder => Path.GetFileName(folder) is not ("bin" or "obj"))
            .Where(folder => SourceFilesIn(folder).Any())
            .Select(folder => Path.GetFileName(folder)!)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>All C# files below a folder, except build outputs and npm packages.</summary>
    public static IEnumerable<string> SourceFilesIn(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(file => !Path.GetRelativePath(Web, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules"));

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Titanic.sln")))
                return folder.FullName;
        }
        throw new FileNotFoundException($"No parent folder of {AppContext.BaseDirectory} contains Titanic.sln.");
    }
}
