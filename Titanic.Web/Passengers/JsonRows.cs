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
