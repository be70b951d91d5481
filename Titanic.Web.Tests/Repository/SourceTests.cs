namespace Titanic.Web.Tests.Repository;

public sealed class SourceTests
{
    private const int LongestFileInLines = 400;

    public static TheoryData<string> Nouns => [.. RepositoryFolder.Nouns];

    [Theory]
    [MemberData(nameof(Nouns))]
    public void A_folder_has_one_door(string folder) => Assert.Equal(
        [$"{folder}Module.cs"],
        RepositoryFolder.CodeIn(Path.Combine(RepositoryFolder.Web, folder)).Select(Path.GetFileName).Where(file => file!.EndsWith("Module.cs", StringComparison.Ordinal)));

    [Fact]
    public void No_file_is_too_long_to_be_one_thought()
    {
        var tooLong = RepositoryFolder.CodeIn(RepositoryFolder.Web)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}Migrations{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(file => (File: Path.GetRelativePath(RepositoryFolder.Root, file), Lines: File.ReadLines(file).Count()))
            .Where(file => file.Lines > LongestFileInLines)
            .Select(file => $"{file.File} has {file.Lines} lines")
            .ToList();

        Assert.True(tooLong.Count == 0, $"A file has at most {LongestFileInLines} lines:\n{string.Join('\n', tooLong)}");
    }
}
