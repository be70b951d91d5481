namespace Titanic.Web.Hosting;

/// <summary>
/// The folder of the web project, found from where the assembly is, so that a command finds the same files and the same embedded database
/// from any current folder, and no build writes a path of its machine into the assembly.
/// </summary>
internal static class ProjectFolder
{
    private const string Name = "Titanic.Web";

    /// <returns>Null where the assembly was published: there is no project above it.</returns>
    public static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            // The second is for the projects beside it, tests and benchmarks, whose output holds a copy of the assembly.
            foreach (var candidate in (string[])[folder.FullName, Path.Combine(folder.FullName, Name)])
            {
                if (File.Exists(Path.Combine(candidate, $"{Name}.csproj")))
                    return candidate;
            }
        }
        return null;
    }

    /// <summary>
    /// What <c>--contentRoot</c> or <c>ASPNETCORE_CONTENTROOT</c> says, else the project's folder; of a published application, which has the
    /// pages' files beside it, its own folder.
    /// </summary>
    public static string ContentRoot(string[] args) =>
        new ConfigurationBuilder().AddEnvironmentVariables("DOTNET_").AddEnvironmentVariables("ASPNETCORE_").AddCommandLine(args).Build()[HostDefaults.ContentRootKey] is { Length: > 0 } given
            ? Path.GetFullPath(given)
            : Path.TrimEndingDirectorySeparator(IsPublished ? AppContext.BaseDirectory : Find() ?? AppContext.BaseDirectory);

    private static bool IsPublished => Directory.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot"));
}
