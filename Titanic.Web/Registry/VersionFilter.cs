using Titanic.Web.Passengers;

namespace Titanic.Web.Registry;

/// <summary>Which versions a list shows; all that is given must hold.</summary>
/// <param name="Search">A piece of the description, the algorithm or the tags; the case of letters does not matter.</param>
/// <param name="Verdict">promote, hold or reject, in any case of letters.</param>
/// <param name="Alias">Only the version that this alias names now.</param>
/// <param name="Algorithm">The whole name.</param>
/// <param name="Tag">A tag's key, or "key=value".</param>
/// <param name="CodeVersion">The whole text.</param>
public sealed record VersionFilter(
    string? Search = null, string? Verdict = null, string? Alias = null, string? Algorithm = null, string? Tag = null, string? CodeVersion = null)
{
    private const int LongestText = 200;

    public static IReadOnlyList<string> Verdicts { get; } = [.. Enum.GetNames<Verdict>().Select(name => name.ToLowerInvariant())];

    /// <summary>Without what is empty, as a form sends it.</summary>
    public VersionFilter Given() => new(Kept(Search), Kept(Verdict), Kept(Alias), Kept(Algorithm), Kept(Tag), Kept(CodeVersion));

    public bool IsEmpty => Given() == new VersionFilter();

    /// <summary>What is wrong with each field, as sentences.</summary>
    public IReadOnlyDictionary<string, string> Problems()
    {
        var problems = new Dictionary<string, string>();
        var (search, verdict, alias, algorithm, tag, codeVersion) = Given();
        foreach (var (field, text) in new[] { ("search", search), ("algorithm", algorithm), ("tag", tag), ("codeVersion", codeVersion) })
        {
            if (text is { Length: > LongestText })
                problems[field] = $"This has {text.Length} characters; it must have at most {LongestText}.";
            else if (text?.Any(char.IsControl) == true)
                problems[field] = $"\"{Excerpt.Truncate(text)}\" has control characters; it must be plain text.";
        }
        if (verdict is not null && !Verdicts.Contains(verdict, StringComparer.OrdinalIgnoreCase))
            problems["verdict"] = $"There is no verdict \"{Excerpt.Truncate(verdict)}\"; there are {string.Join(", ", Verdicts)}.";
        if (alias is not null && !ModelAliases.All.Contains(alias))
            problems["alias"] = ModelAliases.Missing(alias);
        return problems;
    }

    /// <summary>For an address: "?search=ties&amp;verdict=hold", with what a page adds; empty where there is nothing to say.</summary>
    public string ToQuery(params (string Name, object? Value)[] more)
    {
        (string Name, object? Value)[] own =
            [("search", Search), ("verdict", Verdict), ("alias", Alias), ("algorithm", Algorithm), ("tag", Tag), ("codeVersion", CodeVersion)];
        var query = QueryString.Empty;
        foreach (var (name, value) in own.Concat(more))
        {
            if (FormattableString.Invariant($"{value}") is { Length: > 0 } text)
                query = query.Add(name, text);
        }
        return query.ToString();
    }

    private static string? Kept(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
