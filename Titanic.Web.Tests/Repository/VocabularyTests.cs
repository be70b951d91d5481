using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Titanic.Web.Database;

namespace Titanic.Web.Tests.Repository;

/// <summary>Retired words of <c>docs/glossary.md</c> in identifiers, file names and pages.</summary>
public sealed partial class VocabularyTests
{
    /// <summary>Names of HTML and CSS.</summary>
    private static readonly string[] _webNames = ["figure", "ring"];

    private static readonly string _glossary = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "glossary.md"));

    [Fact]
    public void No_identifier_contains_a_retired_word()
    {
        string[][] retired = [.. Table("## Retired words in identifiers").SelectMany(cell => cell.Split(", ")).Select(WordsOf)];
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (file, identifiers) in Sources())
        {
            foreach (var identifier in identifiers.Except(_webNames))
            {
                var words = WordsOf(identifier);
                if (retired.Any(sequence => ContainsSequence(words, sequence)))
                    found.Add($"{identifier} in {file}");
            }
        }

        Assert.True(found.Count == 0, $"{found.Count} identifiers contain retired words; docs/glossary.md has the standard terms:\n{string.Join('\n', found)}");
    }

    [Fact]
    public void No_page_contains_a_retired_text()
    {
        var retired = Table("## Retired texts of pages").ToList();
        var found = PageFiles().SelectMany(file => File.ReadLines(file).SelectMany((line, index) => retired
            .Where(text => line.Contains(text, StringComparison.Ordinal))
            .Select(text => $"{Path.GetRelativePath(RepositoryFolder.Root, file)}:{index + 1}: {text}"))).ToList();

        Assert.True(found.Count == 0, $"Pages contain retired texts; docs/glossary.md has the standard ones:\n{string.Join('\n', found)}");
    }

    [Fact]
    public void No_two_types_share_a_name()
    {
        var shared = new[] { typeof(TitanicDb).Assembly, typeof(VocabularyTests).Assembly }.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Namespace?.StartsWith("Titanic.", StringComparison.Ordinal) == true && type.Name is not "Program"
                && !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) && !type.Name.Contains('<', StringComparison.Ordinal))
            .GroupBy(type => type.Name.Split('`')[0])
            .Where(group => group.Select(type => type.Namespace + type.DeclaringType?.Name).Distinct().Count() > 1)
            .Select(group => string.Join(", ", group.Select(type => type.FullName)))
            .ToList();

        Assert.True(shared.Count == 0, string.Join('\n', shared));
    }

    /// <summary>The first cells of the table below a heading.</summary>
    private static IEnumerable<string> Table(string heading)
    {
        var rows = _glossary[(_glossary.IndexOf(heading, StringComparison.Ordinal) + heading.Length)..].Split("\n## ")[0].Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Split('|')[1].Trim()).Where(cell => cell is not "Retired").ToList();
        Assert.NotEmpty(rows);
        return rows;
    }

    private static IEnumerable<(string File, IReadOnlySet<string> Identifiers)> Sources()
    {
        string[] projects = ["Titanic.Web", "Titanic.Web.Tests", "Titanic.Benchmarks"];
        foreach (var file in projects.SelectMany(project => RepositoryFolder.SourceFilesIn(Path.Combine(RepositoryFolder.Root, project))))
        {
            if (!file.Contains($"{Path.DirectorySeparatorChar}Migrations{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                yield return (Path.GetRelativePath(RepositoryFolder.Root, file), Identifiers(File.ReadAllText(file), Path.GetFileName(file)));
        }
        foreach (var file in PageFiles().Where(file => Path.GetExtension(file) is ".js" or ".css"))
            yield return (Path.GetRelativePath(RepositoryFolder.Root, file), Identifiers(CssAndScriptComment().Replace(File.ReadAllText(file), ""), Path.GetFileName(file)));
    }

    private static HashSet<string> Identifiers(string source, string fileName) =>
        [.. Identifier().Matches($"{CommentOrText().Replace(source, " ")} {fileName}").Select(match => match.Value)];

    private static IEnumerable<string> PageFiles() => ((string[])["Pages", "wwwroot/js", "wwwroot/css"])
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(RepositoryFolder.Web, folder), "*", SearchOption.AllDirectories));

    private static string[] WordsOf(string identifier) => [.. WordInIdentifier().Matches(identifier).Select(word => word.Value.ToLowerInvariant())];

    private static bool ContainsSequence(string[] words, string[] sequence) =>
        Enumerable.Range(0, Math.Max(0, words.Length - sequence.Length + 1)).Any(start => words.AsSpan(start, sequence.Length).SequenceEqual(sequence));

    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+(?![a-z])")]
    private static partial Regex WordInIdentifier();

    [GeneratedRegex("[A-Za-z_][A-Za-z0-9_]*")]
    private static partial Regex Identifier();

    /// <summary>Comments, raw, verbatim and plain strings, characters.</summary>
    [GeneratedRegex(""""
        //[^\n]*|/\*.*?\*/|\$*(?<quotes>"{3,}).*?\k<quotes>|(\$@|@\$|@)"(""|[^"])*"|\$?"(\\.|[^"\\\n])*"|'(\\.|[^'\\\n])+'
        """", RegexOptions.Singleline)]
    private static partial Regex CommentOrText();

    [GeneratedRegex(@"/\*.*?\*/|//[^\n]*", RegexOptions.Singleline)]
    private static partial Regex CssAndScriptComment();
}
