using System.Text.RegularExpressions;

namespace Titanic.Web.Tests.Repository;

public sealed partial class ReadmeTests
{
    [Fact]
    public void The_map_lists_every_folder_and_no_other()
    {
        var map = Section("## Map");

        Assert.Equal(
            RepositoryFolder.Nouns.Select(folder => $"{folder}/"),
            FoldersInFirstColumn().Matches(map).Select(row => row.Groups["folder"].Value).Order(StringComparer.Ordinal));
    }

    /// <summary>From a heading to the next of its kind.</summary>
    private static string Section(string heading)
    {
        var lines = File.ReadAllLines(Path.Combine(RepositoryFolder.Root, "README.md"));
        var start = Array.IndexOf(lines, heading);
        Assert.True(start >= 0, $"README.md has no section \"{heading}\".");
        return string.Join('\n', lines.Skip(start + 1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"^\|(?:\s*\d+\s*\|)?\s*`(?<folder>[^`]+)`", RegexOptions.Multiline)]
    private static partial Regex FoldersInFirstColumn();
}
