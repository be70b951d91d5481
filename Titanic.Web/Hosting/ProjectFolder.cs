namespace Titanic.Web.Hosting;

/// <summary>
/// The folder of the web project, located from the folder of the assembly. A command therefore uses the same files and the same embedded
/// database from any working directory, and the assembly contains no path of the build machine.
/// </summary>
internal static class ProjectFolder
{
    private const string Name = "Titanic.Web";

    /// <returns>The folder with the project file; null for a published application, which has no project above it.</returns>
    public static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            // The second candidate is for the tests and the benchmarks, whose output contains a copy of the assembly.
            foreach (var candidate in (string[])[folder.FullName, Path.Combine(folder.FullName, Name)])
            {
                if (File.Exists(Path.Combine(candidate, $"{Name}.csproj")))
                    return candidate;
            }
        }
        return null;
    }

    /// <summary>
    /// The content root: <c>--contentRoot</c> or <c>ASPNETCORE_CONTENTROOT</c> if set, else the project's folder; for a published
    /// application, the folder of the assembly, which contains wwwroot.
    /// </summary>
    public static string ContentRoot(string[] args)
    {
        var configuration = new ConfigurationBuilder()
            .AddEnvironmentVariables("DOTNET_").AddEnvironmentVariables("ASPNETCORE_").AddCommandLine(args).Build();
        return configuration[HostDefaults.ContentRootKey] is { Length: > 0 } configured
            ? Path.GetFullPath(configured)
            : Path.TrimEndingDirectorySeparator(IsPublished ? AppContext.BaseDirectory : Find() ?? AppContext.BaseDirectory);
    }

    private static bool IsPublished => Directory.Exists(Path.Combine(AppContext.BaseDirectory, "wwwroot"));
}
