using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Titanic.Web.Passengers;

/// <summary>Streams the elements of a JSON array in constant memory, each with its 1-based number.</summary>
internal static class JsonRows
{
    private const int MaximumDepth = 8;

    private static readonly JsonSerializerOptions _options = new() { MaxDepth = MaximumDepth };

    /// <param name="rowName">The noun for an element in messages: "passenger" or "outcome".</param>
    /// <exception cref="PassengerFileException">
    /// The body is not a JSON array, is empty, is not UTF-8, or an element is too long. Elements that were read before must be discarded.
    /// </exception>
    public static async IAsyncEnumerable<(long Number, JsonElement Element)> Read(
        Stream body, string rowName, PassengersOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var bytes = new RowLimitedStream(body, limit: 2 * (options.MaximumRecordLengthInCharacters + _options.DefaultBufferSize));
        await using var elements = JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(bytes, _options, cancellation)
            .GetAsyncEnumerator(cancellation);
        var number = 0L;
        while (await MoveNext(elements, bytes, number + 1, rowName, options))
        {
            number++;
            bytes.StartRow();
            RequireValid(elements.Current, number, options);
            yield return (number, elements.Current);
        }
        if (number == 0)
            throw new PassengerFileException($"The body contains no element. Hint: it must be a JSON array of at least one {rowName}.");
    }

    private static async ValueTask<bool> MoveNext(
        IAsyncEnumerator<JsonElement> elements, RowLimitedStream bytes, long number, string rowName, PassengersOptions options)
    {
        try
        {
            return await elements.MoveNextAsync();
        }
        catch (JsonException) when (bytes.IsEmpty)
        {
            throw new PassengerFileException($"The body is empty. Hint: it must be a JSON array of at least one {rowName}.");
        }
        catch (JsonException exception)
        {
            throw new PassengerFileException(string.Create(CultureInfo.InvariantCulture,
                $"Line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}: the body is not a JSON array of objects. ")
                + string.Create(CultureInfo.InvariantCulture,
                    $"Hint: send a complete array [{{…}}, {{…}}] in UTF-8, at most {MaximumDepth} levels deep, without comments and trailing commas."),
                exception.LineNumber + 1, exception);
        }
        catch (RowLimitedStream.RowTooLongException)
        {
            throw TooLong(number, options);
        }
    }

    private static void RequireValid(JsonElement element, long number, PassengersOptions options)
    {
        var text = JsonMarshal.GetRawUtf8Value(element);
        if (text.Length > options.MaximumRecordLengthInCharacters)
            throw TooLong(number, options);
        if (!Utf8.IsValid(text))
        {
            throw new PassengerFileException(string.Create(CultureInfo.InvariantCulture,
                $"Element {number} contains bytes that are not valid UTF-8; they must be UTF-8. ")
                + "Hint: the encoding may be Windows-1252 or Latin-1; convert it.", number);
        }
    }

    private static PassengerFileException TooLong(long number, PassengersOptions options) => new(string.Create(CultureInfo.InvariantCulture,
        $"Element {number} is longer than {Quantity.Of(options.MaximumRecordLengthInCharacters, "byte")}, the maximum. ")
        + "Hint: check for a quote or a bracket that is not closed.", number);

    /// <summary>Limits the bytes per element, because the parser buffers a whole element in memory, and replaces the literal NaN.</summary>
    private sealed class RowLimitedStream(Stream inner, long limit) : ReadOnlyStream
    {
        private JsonNaN _nan;
        private long _bytesInRow;

        public bool IsEmpty { get; private set; } = true;

        public void StartRow() => _bytesInRow = 0;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            IsEmpty &= read == 0;
            _bytesInRow += read;
            _nan.Replace(buffer.Span[..read]);
            return _bytesInRow <= limit ? read : throw new RowTooLongException();
        }

        public sealed class RowTooLongException : Exception;
    }
}

/// <summary>
/// Converts one element of a JSON array to cells, so that the rules of a CSV row apply. Members are found as the columns of a CSV file:
/// by name, else by another well-known name, without case, blanks and punctuation. A missing member or null has no cell. A string has the
/// spellings of a cell; a number may have an exponent, as in JSON.
/// </summary>
/// <param name="layout">The columns; those without a field are known and not read.</param>
/// <param name="more">Members that a CSV file does not have.</param>
internal sealed class JsonRow(CsvLayout layout, params string[] more)
{
    private const int MaximumIgnoredMembers = 20, MaximumMatches = 1_000;

    private readonly CsvColumn[] _columns =
        [.. layout.Columns.Where(column => column.Field is not null), .. more.Select(member => new CsvColumn(member, member))];
    private readonly SortedSet<string> _ignored = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Match> _matches = new(StringComparer.Ordinal);
    private string?[] _cells = [];
    private Member?[] _members = [];

    /// <summary>How a member name matches a column.</summary>
    /// <param name="Column">The index of the column; negative if none matches.</param>
    /// <param name="Rank">The lowest rank precedes: 0 for the name, 1 for its other spellings, 2 for another name.</param>
    private readonly record struct Match(int Column, int Rank);

    /// <summary>A member of the current element.</summary>
    /// <param name="Duplicate">Another member of the same rank; null if the member is unambiguous.</param>
    private sealed record Member(string Name, int Rank, JsonElement Value, string? Duplicate = null);

    /// <summary>Collects the problems of the current element.</summary>
    public RowValidator Validator { get; } = new(PassengerLimits.Omitted);

    /// <summary>Names of at most 20 members that are not read, over all elements, escaped.</summary>
    public IReadOnlyCollection<string> Ignored => _ignored;

    /// <summary>The value of <paramref name="member"/> as text; the default span if it is missing or null.</summary>
    public ReadOnlySpan<char> this[string member] => _cells[Array.FindIndex(_columns, column => column.Field == member)];

    /// <summary>Reads the members of an element.</summary>
    /// <returns>False if the element is not an object; <see cref="Validator"/> then has the problem.</returns>
    public bool TryRead(long number, JsonElement element)
    {
        _cells = new string?[_columns.Length];
        _members = new Member?[_columns.Length];
        Validator.StartRow(number, []);
        if (element.ValueKind != JsonValueKind.Object)
        {
            Validator.AddFormatProblem($"The element is {KindName(element.ValueKind)}; it must be an object.");
            return false;
        }
        foreach (var member in element.EnumerateObject())
        {
            if (TryReadText(() => member.Name, out var name))
                Assign(name, member.Value);
        }
        for (var index = 0; index < _columns.Length; index++)
        {
            if (_members[index] is not { } member)
                continue;
            var field = _columns[index].Field!;
            if (member.Duplicate is not null)
            {
                Validator.AddFormatProblem(member.Rank == 0
                    ? $"The member {field} is given twice; it must be given once."
                    : $"The members {Excerpt.Truncate(member.Name)} and {Excerpt.Truncate(member.Duplicate)} can both be {field}; send one of them.");
            }
            _cells[index] = ReadCell(field, member.Value);
        }
        return true;
    }

    public static string ExcerptOf(JsonElement element) => Excerpt.TruncateRecord(element.GetRawText().ReplaceLineEndings(" "));

    private void Assign(string name, JsonElement value)
    {
        var (column, rank) = FindColumn(name);
        if (column < 0)
        {
            Ignore(name);
            return;
        }
        ref var member = ref _members[column];
        if (member is { } better && better.Rank < rank)
        {
            Ignore(name);
            return;
        }
        if (member is { } same && same.Rank == rank)
        {
            member = same with { Duplicate = name };
            return;
        }
        if (member is { } worse)
            Ignore(worse.Name);
        member = new Member(name, rank, value);
    }

    private Match FindColumn(string name)
    {
        if (_matches.TryGetValue(name, out var found))
            return found;
        Predicate<CsvColumn>[] ranks =
            [column => column.Field!.Equals(name, StringComparison.OrdinalIgnoreCase), column => column.HasName(name), column => column.HasSynonym(name)];
        found = ranks.Select((matches, rank) => new Match(Array.FindIndex(_columns, matches), rank))
            .FirstOrDefault(match => match.Column >= 0, new Match(-1, 0));
        if (_matches.Count < MaximumMatches)
            _matches[name] = found;
        return found;
    }

    /// <summary>Columns that are known and not read, such as Cabin, are not reported, as in a CSV file.</summary>
    private void Ignore(string name)
    {
        if (_ignored.Count < MaximumIgnoredMembers && !Array.Exists(layout.Columns, column => column.Field is null && column.HasName(name)))
            _ignored.Add(Excerpt.Truncate(name));
    }

    /// <summary>
    /// A value of the wrong type keeps its JSON text, including quotes or brackets, so that the rule of the column rejects it.
    /// </summary>
    private string? ReadCell(string member, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.True or JsonValueKind.False when member == "survived":
                return value.GetBoolean() ? "1" : "0";
            case JsonValueKind.String:
                return ReadText(member, value);
            case JsonValueKind.Number when !IsTextMember(member):
                return PlainNumber.OfJson(value.GetRawText());
            default:
                if (IsTextMember(member))
                    Validator.AddFormatProblem($"The member {member} is {KindName(value.ValueKind)}; it must be a string.");
                if (member is not ("passengerId" or "person") || value.ValueKind == JsonValueKind.Number)
                    return value.GetRawText();
                Validator.AddFormatProblem($"The member {member} is {KindName(value.ValueKind)}; it must be a string or a number.");
                return "";
        }
    }

    private string ReadText(string member, JsonElement value)
    {
        if (!TryReadText(() => value.GetString()!, out var text))
            return "";
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (text.AsSpan().IndexOfAny(RowValidator.ControlCharacters) is >= 0 and var at)
        {
            Validator.AddFormatProblem(string.Create(
                CultureInfo.InvariantCulture, $"The member {member} has the control character U+{(int)text[at]:X4}; it must be plain text."));
        }
        return text;
    }

    /// <summary>Returns false for an unpaired surrogate such as \ud800.</summary>
    private bool TryReadText(Func<string> read, out string text)
    {
        try
        {
            text = read();
            return true;
        }
        catch (InvalidOperationException)
        {
            Validator.AddFormatProblem("A string has an unpaired surrogate (\\uD800 to \\uDFFF); surrogates must be paired.");
            text = "";
            return false;
        }
    }

    private static bool IsTextMember(string member) => member is "name" or "sex" or "eventTime" or "source" or "knownAt";

    private static string KindName(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };
}
