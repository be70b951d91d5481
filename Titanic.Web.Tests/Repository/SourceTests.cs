using System.Text.RegularExpressions;

namespace Titanic.Web.Tests.Repository;

public sealed partial class SourceTests
{
    private const int MaximumLinesPerFile = 400;

    public static TheoryData<string> Modules => [.. RepositoryFolder.Modules];

    [Theory]
    [MemberData(nameof(Modules))]
    public void A_module_has_one_registration_file(string folder) => Assert.Equal(
        [$"{folder}Module.cs"],
        RepositoryFolder.SourceFilesIn(Path.Combine(RepositoryFolder.Web, folder))
            .Select(Path.GetFileName)
            .Where(file => file!.EndsWith("Module.cs", StringComparison.Ordinal)));

    [Fact]
    public void No_file_exceeds_the_maximum_length()
    {
        var tooLong = RepositoryFolder.SourceFilesIn(RepositoryFolder.Web)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}Migrations{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(file => (File: Path.GetRelativePath(RepositoryFolder.Root, file), Lines: File.ReadLines(file).Count()))
            .Where(file => file.Lines > MaximumLinesPerFile)
            .Select(file => $"{file.File} has {file.Lines} lines")
            .ToList();

        Assert.True(tooLong.Count == 0, $"A file has at most {MaximumLinesPerFile} lines:\n{string.Join('\n', tooLong)}");
    }

    /// <summary>
    /// A duration that is sufficient on an idle machine is too short on a busy one: a test waits for a condition with
    /// <see cref="Eventually"/>.
    /// </summary>
    [Fact]
    public void No_test_waits_for_a_duration()
    {
        string[] polling = ["Eventually.cs", "DatabaseProxy.cs"];
        var waiting = RepositoryFolder.SourceFilesIn(Path.Combine(RepositoryFolder.Root, "Titanic.Web.Tests"))
            .Where(file => !polling.Contains(Path.GetFileName(file)) && Wait().IsMatch(File.ReadAllText(file)))
            .Select(file => Path.GetRelativePath(RepositoryFolder.Root, file))
            .ToList();

        Assert.True(waiting.Count == 0, $"These files wait for a duration; they must wait for a condition:\n{string.Join('\n', waiting)}");
    }

    [GeneratedRegex(@"Task\.Delay\((?!Timeout\.Infinite)|Thread\.Sleep\(")]
    private static partial Regex Wait();
}
