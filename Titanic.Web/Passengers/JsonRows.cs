using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Titanic.Web.Passengers;

/// <summary>The elements of a JSON array, one after another in constant memory, each with its number: the first is 1.</summary>
internal static class JsonRows
{
    private const int MaximumDepth = 8;

    private static readonly JsonSerializerOptions _options = new() { MaxDepth = MaximumDepth };

    /// <param name="row">What an element is called, for messages.</param>
    /// <exception cref="PassengerFileException">Found at any element: what was read before must not be kept either.</exception>
    public static async IAsyncEnumerable<(long Number, JsonElement Element)> Read(
        Stream body, string row, PassengersOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var bytes = new BytesBetweenRows(body, limit: 2 * (options.MaximumRecordLengthInCharacters + _options.DefaultBufferSize));
        await using var elements = JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(bytes, _options, cancellation).GetAsyncEnumerator(cancellation);
        var number = 0L;
        while (await Next(elements, bytes, number + 1, row, options))
        {
            number++;
            bytes.StartRow();
            Require(elements.Current, number, options);
            yield return (number, elements.Current);
        }
        if (number == 0)
            throw new PassengerFileException($"The body holds no element. Hint: it must be a JSON array of at least one {row}.");
    }

    private static async ValueTask<bool> Next(
        IAsyncEnumerator<JsonElement> elements, BytesBetweenRows bytes, long number, string row, PassengersOptions options)
    {
        try
        {
            return await elements.MoveNextAsync();
        }
        catch (JsonException) when (bytes.IsEmpty)
        {
            throw new PassengerFileException($"The body is empty. Hint: it must be a JSON array of at least one {row}.");
        }
        catch (JsonException misfit)
        {
            throw new PassengerFileException(string.Create(CultureInfo.InvariantCulture,
                $"Line {misfit.LineNumber + 1}, byte {misfit.BytePositionInLine + 1}: the body is no JSON array of objects. ")
                + string.Create(CultureInfo.InvariantCulture, $"Hint: send UTF-8, a whole array [{{…}}, {{…}}] at most {MaximumDepth} deep, and no comments or trailing commas."), misfit.LineNumber + 1, misfit);
        }
        catch (BytesBetweenRows.TooManyException)
        {
            throw TooLong(number, options);
        }
    }

    private static void Require(JsonElement element, long number, PassengersOptions options)
    {
        var text = JsonMarshal.GetRawUtf8Value(element);
        if (text.Length > options.MaximumRecordLengthInCharacters)
            throw TooLong(number, options);
        if (!Utf8.IsValid(text))
        {
            throw new PassengerFileException(string.Create(CultureInfo.InvariantCulture,
                $"Element {number} holds bytes that are not valid UTF-8; only UTF-8 is allowed. Hint: the text may be Windows-1252 or Latin-1."), number);
        }
    }

    private static PassengerFileException TooLong(long number, PassengersOptions options) => new(string.Create(CultureInfo.InvariantCulture,
        $"Element {number} is longer than {options.MaximumRecordLengthInCharacters} bytes, which is the most allowed. Hint: a quote or a bracket may be open."), number);

    /// <summary>Stops the parser from holding an endless element in memory.</summary>
    private sealed class BytesBetweenRows(Stream inner, long limit) : Stream
    {
        private long _sinceRow;

        public bool IsEmpty { get; private set; } = true;

        public void StartRow() => _sinceRow = 0;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            IsEmpty &= read == 0;
            _sinceRow += read;
            return _sinceRow <= limit ? read : throw new TooManyException();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("A body is read asynchronously only.");
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public sealed class TooManyException : Exception;
    }
}

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
    public bool Take(long number, JsonElement element)
    {
        Array.Fill(_cells, "");
        Validator.Begin(number, []);
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
