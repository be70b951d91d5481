using System.Buffers;
using System.Globalization;
using System.Text.Unicode;

namespace Titanic.Web.Passengers;

/// <summary>
/// Characters of a UTF-8 stream with every line break (CRLF, CR, LF) as LF and without a BOM. Two things that the runtime's and the
/// CSV library's readers do not do: the first invalid byte ends the reading with its place, where StreamReader would write U+FFFD
/// without a word; and line breaks are uniform, so that counting LF gives physical lines for files of any origin.
/// </summary>
internal sealed class StrictUtf8Reader(Stream source) : TextReader
{
    private readonly byte[] _bytes = new byte[32 * 1024];
    private readonly char[] _chars = new char[32 * 1024]; // UTF-8 never has fewer bytes than UTF-16 has units
    private int _byteCount;
    private int _charStart;
    private int _charEnd;
    private long _bytesDecoded;
    private long _linesEnded;
    private bool _started;
    private bool _sourceEnded;
    private bool _endedWithCr;

    /// <summary>The characters that are ready without being consumed; empty only at the end of the file.</summary>
    public async ValueTask<ReadOnlyMemory<char>> PeekAsync(CancellationToken cancellation) =>
        await FillAsync(cancellation) ? _chars.AsMemory(_charStart.._charEnd) : ReadOnlyMemory<char>.Empty;

    /// <summary>Fills the whole buffer unless the file ends: the CSV library takes a short answer for the end.</summary>
    public override async ValueTask<int> ReadBlockAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
    {
        var filled = 0;
        while (filled < buffer.Length && await FillAsync(cancellationToken))
        {
            var ready = _chars.AsMemory(_charStart.._charEnd);
            var taken = ready[..Math.Min(ready.Length, buffer.Length - filled)];
            taken.CopyTo(buffer[filled..]);
            filled += taken.Length;
            _charStart += taken.Length;
        }
        return filled;
    }

    public override ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default) =>
        ReadBlockAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(char[] buffer, int index, int count) =>
        ReadBlockAsync(buffer.AsMemory(index, count)).AsTask();

    public override Task<int> ReadBlockAsync(char[] buffer, int index, int count) =>
        ReadBlockAsync(buffer.AsMemory(index, count)).AsTask();

    public override int Read() => throw new NotSupportedException("A passenger file is read asynchronously only.");

    private async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        while (_charStart == _charEnd)
        {
            if (!_sourceEnded)
                await ReadBytesAsync(cancellation);
            if (!_started)
                Begin();
            if (_byteCount == 0 && _sourceEnded)
                return false;
            Decode();
        }
        return true;
    }

    private async ValueTask ReadBytesAsync(CancellationToken cancellation)
    {
        // The first look needs four bytes to know a byte order mark; later ones take what comes.
        var least = _started ? 1 : 4;
        var read = await source.ReadAtLeastAsync(_bytes.AsMemory(_byteCount), least, throwOnEndOfStream: false, cancellation);
        _byteCount += read;
        _sourceEnded = read < least;
    }

    private void Begin()
    {
        _started = true;
        var start = _bytes.AsSpan(0, Math.Min(_byteCount, 4));
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])
            || start is [0, not 0, 0, not 0] or [not 0, 0, not 0, 0])
        {
            throw new PassengerFileException("Line 1: the file is UTF-16 (seen in its first bytes, "
                + $"{Convert.ToHexString(start)}); only UTF-8 is allowed. Hint: save it again as \"CSV UTF-8\".", line: 1);
        }
        if (start.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            Consume(3);
    }

    private void Decode()
    {
        var status = Utf8.ToUtf16(_bytes.AsSpan(0, _byteCount), _chars, out var read, out var written,
            replaceInvalidSequences: false, isFinalBlock: _sourceEnded);
        _charStart = 0;
        _charEnd = UnifyLineBreaks(_chars.AsSpan(0, written));
        _linesEnded += _chars.AsSpan(0, _charEnd).Count('\n');
        if (status == OperationStatus.InvalidData)
            throw InvalidByteAt(read);
        Consume(read);
    }

    private PassengerFileException InvalidByteAt(int index)
    {
        var line = _linesEnded + 1;
        return new PassengerFileException(string.Create(CultureInfo.InvariantCulture,
            $"Line {line}: byte {_bytesDecoded + index + 1} of the file (0x{_bytes[index]:X2}) is not valid UTF-8; ")
            + "only UTF-8 is allowed. Hint: the file may be Windows-1252 or Latin-1; save it again as \"CSV UTF-8\".", line);
    }

    private void Consume(int count)
    {
        _bytes.AsSpan(count, _byteCount - count).CopyTo(_bytes);
        _byteCount -= count;
        _bytesDecoded += count;
    }

    /// <summary>CRLF and CR become LF, in place, also when a CRLF lies across two blocks.</summary>
    private int UnifyLineBreaks(Span<char> text)
    {
        if (text.IsEmpty || (!_endedWithCr && !text.Contains('\r')))
            return text.Length;
        var length = 0;
        foreach (var letter in text)
        {
            if (letter != '\n' || !_endedWithCr)
                text[length++] = letter == '\r' ? '\n' : letter;
            _endedWithCr = letter == '\r';
        }
        return length;
    }
}
