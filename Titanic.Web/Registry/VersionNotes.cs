using System.Text.RegularExpressions;
using Titanic.Web.Passengers;

namespace Titanic.Web.Registry;

/// <summary>The editable part of a version: description and tags.</summary>
public sealed partial record VersionNotes(string Description, IReadOnlyDictionary<string, string> Tags)
{
    public const int MaximumDescriptionLength = 2000;
    public const int MaximumTagValueLength = 200;
    public const int MaximumTags = 20;

    /// <summary>Parses tags from lines of the form "key = value"; blank lines are ignored.</summary>
    /// <exception cref="RegistryException">A line has no "=", or two lines have the same key.</exception>
    public static IReadOnlyDictionary<string, string> ParseTags(IEnumerable<string> lines)
    {
        var tags = new Dictionary<string, string>();
        foreach (var line in lines.Select(line => line.Trim()).Where(line => line.Length > 0))
        {
            var parts = line.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts.Length != 2)
                throw Invalid($"The tag \"{Excerpt.Truncate(line)}\" has no value; it must have the form key = value.");
            if (!tags.TryAdd(parts[0], parts[1]))
                throw Invalid($"The tag \"{Excerpt.Truncate(parts[0])}\" is given twice; each key must be unique.");
        }
        return tags;
    }

    /// <summary>The tags in the order of their keys, such as "stage = canary, team = deck".</summary>
    public static string FormatTags(IReadOnlyDictionary<string, string> tags, string separator = ", ") =>
        string.Join(separator, tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key} = {tag.Value}"));

    /// <summary>Returns the notes with trimmed texts.</summary>
    /// <exception cref="RegistryException">
    /// A text is too long or not plain, a key is invalid, or there are too many tags.
    /// </exception>
    internal VersionNotes Validate()
    {
        if (Tags.Count > MaximumTags)
            throw Invalid($"There are {Format.Count(Tags.Count)} tags; there must be at most {MaximumTags}.");
        foreach (var key in Tags.Keys.Where(key => !TagKey().IsMatch(key)))
            throw Invalid(ErrorText.Invalid("The key of a tag", key, "1 to 50 letters a to z, digits, dots, dashes and underscores, a letter or digit first"));
        return new VersionNotes(
            PlainText.Require("description", Description, 0, MaximumDescriptionLength, allowLineBreaks: true),
            Tags.ToDictionary(tag => tag.Key, tag => PlainText.Require($"value of tag {tag.Key}", tag.Value, 0, MaximumTagValueLength)));
    }

    private static RegistryException Invalid(string message) => new(RegistryErrorKind.Invalid, message);

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,49}\z")]
    private static partial Regex TagKey();
}
