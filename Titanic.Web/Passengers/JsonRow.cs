using System.Globalization;
using System.Text.Json;

namespace Titanic.Web.Passengers;

/// <summary>
/// One element of a JSON array as cells, so that it is judged by the rules of a CSV row. Names are found in any case; a missing member or
/// null is an empty cell.
/// </summary>
internal sealed class JsonRow(string[] members)
{
    private const int MostIgnored = 20;

    private readonly string[] _cells = new string[members.Length];
    private readonly SortedSet<string> _ignored = new(StringComparer.Ordinal);

    /// <summary>Knows what is wrong with the element.</summary>
    public RowValidator Validator { get; } = new();

    /// <summary>Members of any element that were not read, escaped for messages; the first twenty.</summary>
    public IReadOnlyCollection<string> Ignored => _ignored;

    /// <summary>The element's text by <paramref name="member"/>; empty when it was missing.</summary>
    public ReadOnlySpan<char> this[string member] => _cells[Array.IndexOf(members, member)];

    /// <returns>False when the element has no members; the validator knows why.</returns>
    public bool Take(JsonElement element)
    {
        Array.Fill(_cells, "");
        Validator.Begin([]);
        if (element.ValueKind != JsonValueKind.Object)
        {
            Validator.Form($"The element is {Called(element.ValueKind)}; it must be an object.");
            return false;
        }
        var seen = 0;
        foreach (var member in element.EnumerateObject())
        {
            var place = PlaceOf(member);
            if (place < 0)
                continue;
            if ((seen & (1 << place)) != 0)
                Validator.Form($"The member {members[place]} stands there twice.");
            seen |= 1 << place;
            _cells[place] = Cell(members[place], member.Value);
        }
        return true;
    }

    public static string ExcerptOf(JsonElement element) => Excerpt.TruncateRecord(element.GetRawText().ReplaceLineEndings(" "));

    private int PlaceOf(JsonProperty member)
    {
        if (!TryText(() => member.Name, out var name))
            return -1;
        var place = Array.FindIndex(members, known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (place < 0 && _ignored.Count < MostIgnored)
            _ignored.Add(Excerpt.Truncate(name));
        return place;
    }

    /// <summary>A number of the wrong type stays as JSON writes it, with its quotes or brackets, so that its rule refuses it.</summary>
    private string Cell(string member, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return "";
            case JsonValueKind.True or JsonValueKind.False when member == "survived":
                return value.GetBoolean() ? "1" : "0";
            // An id may be greater than the numbers that other languages write exactly.
            case JsonValueKind.String when IsText(member) || member == "passengerId":
                return Text(member, value);
            default:
                if (IsText(member))
                    Validator.Form($"The member {member} is {Called(value.ValueKind)}; it must be a text.");
                return value.GetRawText();
        }
    }

    private string Text(string member, JsonElement value)
    {
        if (!TryText(() => value.GetString()!, out var text))
            return "";
        text = text.ReplaceLineEndings("\n");
        if (text.AsSpan().IndexOfAny(RowValidator.ControlCharacters) is >= 0 and var at)
            Validator.Form(string.Create(CultureInfo.InvariantCulture, $"The member {member} holds the control character U+{(int)text[at]:X4}, which is not allowed."));
        return text;
    }

    /// <summary>False for an escape that is half a character, such as \ud800 alone.</summary>
    private bool TryText(Func<string> read, out string text)
    {
        try
        {
            text = read();
            return true;
        }
        catch (InvalidOperationException)
        {
            Validator.Form("A text holds half a surrogate pair, which is no character.");
            text = "";
            return false;
        }
    }

    private static bool IsText(string member) => member is "name" or "sex" or "eventTime" or "source" or "knownAt";

    private static string Called(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}
