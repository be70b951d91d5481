using System.Reflection.PortableExecutable;
using System.Text;
using Titanic.Web.Hosting;
using Titanic.Web.Tests.Repository;

namespace Titanic.Web.Tests.Hosting;

/// <summary>The product depends neither on the working directory nor on the folder in which the assembly was built.</summary>
public sealed class ProjectFolderTests
{
    [Fact]
    public void The_content_root_is_the_project_folder_unless_it_is_configured()
    {
        Assert.Equal(RepositoryFolder.Web, ProjectFolder.Find());
        Assert.Equal(RepositoryFolder.Web, ProjectFolder.ContentRoot([]));
        Assert.Equal("/srv/titanic", ProjectFolder.ContentRoot(["--contentRoot", "/srv/titanic"]));
        Assert.Equal("/srv/titanic", ProjectFolder.ContentRoot(["serve", "--contentRoot=/srv/titanic"]));
    }

    /// <summary>Except the path of its symbols, which a debugger requires; a Release build maps that path, too.</summary>
    [Fact]
    public void The_assembly_contains_no_path_of_the_build_machine()
    {
        var assembly = File.ReadAllBytes(typeof(Startup).Assembly.Location);
        using var image = new PEReader([.. assembly]);
        var symbols = image.ReadCodeViewDebugDirectoryData(image.ReadDebugDirectory().First(entry => entry.Type == DebugDirectoryEntryType.CodeView)).Path;
        assembly.AsSpan(assembly.AsSpan().IndexOf(Encoding.UTF8.GetBytes(symbols)), symbols.Length).Clear();

        foreach (var encoding in (Encoding[])[Encoding.UTF8, Encoding.Unicode])
            Assert.Equal(-1, assembly.AsSpan().IndexOf(encoding.GetBytes(RepositoryFolder.Root)));
    }

    [Fact]
    public void The_launch_profile_has_no_address_which_would_override_ASPNETCORE_URLS() =>
        Assert.DoesNotContain("applicationUrl", File.ReadAllText(Path.Combine(RepositoryFolder.Web, "Properties", "launchSettings.json")), StringComparison.Ordinal);
}
