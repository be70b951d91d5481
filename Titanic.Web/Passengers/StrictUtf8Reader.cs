using System.Buffers;
using System.Globalization;
using System.Text.Unicode;

namespace Titanic.Web.Passengers;

/// <summary>
/// Reads a UTF-8 stream, normalizes line breaks (CRLF, CR, LF) to LF and removes a byte order mark. Unlike StreamReader, which replaces
/// invalid bytes with U+FFFD, it throws <see cref="PassengerFileException"/> with the line and the position of the first invalid byte.
/// With uniform line breaks the number of LF characters is the number of physical lines.
/// </summary>
/// <param name="isVerbatim">
/// If true, line breaks and a byte order mark are kept, for files that must match bit for bit. Default: false.
/// </param>
internal sealed class StrictUtf8Reader(Stream source, bool isVerbatim = false) : TextReader
{
    private readonly byte[] _bytes = new byte[32 * 1024];
    private readonly char[] _chars = new char[32 * 1024]; // UTF-8 text never has fewer bytes than UTF-16 code units
    private int _byteCount;
    private int _charStart;
    private int _charEnd;
    private long _bytesDecoded;
    private long _linesEnded;
    private bool _started;
    private bool _sourceEnded;
    private bool _endedWithCr;

    /// <summary>Returns the buffered characters without consuming them; empty only at the end of the file.</summary>
    public async ValueTask<ReadOnlyMemory<char>> PeekAsync(CancellationToken cancellation) =>
        await FillAsync(cancellation) ? _chars.AsMemory(_charStart.._charEnd) : ReadOnlyMemory<char>.Empty;

    /// <summary>Fills the whole buffer unless the file ends, because the CSV library treats a short read as the end of the file.</summary>
    public override async ValueTask<int> ReadBlockAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
    {
        var filled = 0;
        while (filled < buffer.Length && await FillAsync(cancellationToken))
            filled += CopyTo(buffer.Span[filled..]);
        return filled;
    }

    public override ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default) =>
        ReadBlockAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(char[] buffer, int index, int count) =>
        ReadBlockAsync(buffer.AsMemory(index, count)).AsTask();

    public override Task<int> ReadBlockAsync(char[] buffer, int index, int count) =>
        ReadBlockAsync(buffer.AsMemory(index, count)).AsTask();

    /// <inheritdoc cref="ReadBlockAsync(Memory{char}, CancellationToken)"/>
    public override int Read(char[] buffer, int index, int count)
    {
        var filled = 0;
        while (filled < count && Fill())
            filled += CopyTo(buffer.AsSpan(index + filled, count - filled));
        return filled;
    }

    public override int Read() => throw new NotSupportedException("Only block reads are supported; call ReadBlockAsync.");

    private int CopyTo(Span<char> buffer)
    {
        var taken = Math.Min(buffer.Length, _charEnd - _charStart);
        _chars.AsSpan(_charStart, taken).CopyTo(buffer);
        _charStart += taken;
        return taken;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        while (_charStart == _charEnd)
        {
            if (!_sourceEnded)
                AddBytes(await source.ReadAtLeastAsync(_bytes.AsMemory(_byteCount), MinimumBytes, throwOnEndOfStream: false, cancellation));
            if (!DecodeBytes())
                return false;
        }
        return true;
    }

    private bool Fill()
    {
        while (_charStart == _charEnd)
        {
            if (!_sourceEnded)
                AddBytes(source.ReadAtLeast(_bytes.AsSpan(_byteCount), MinimumBytes, throwOnEndOfStream: false));
            if (!DecodeBytes())
                return false;
        }
        return true;
    }

    // Detecting the encoding needs the first four bytes; later reads accept any number of bytes.
    private int MinimumBytes => _started ? 1 : 4;

    private void AddBytes(int read)
    {
        _byteCount += read;
        _sourceEnded = read < MinimumBytes;
    }

    /// <returns>False at the end of the file.</returns>
    private bool DecodeBytes()
    {
        if (!_started && !isVerbatim)
            DetectEncoding();
        _started = true;
        if (_byteCount == 0 && _sourceEnded)
            return false;
        Decode();
        return true;
    }

    private void DetectEncoding()
    {
        var start = _bytes.AsSpan(0, Math.Min(_byteCount, 4));
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])
            || start is [0, not 0, 0, not 0] or [not 0, 0, not 0, 0])
        {
            throw new PassengerFileException("Line 1: the file is UTF-16 (its first bytes are "
                + $"{Convert.ToHexString(start)}); it must be UTF-8. Hint: save it again as \"CSV UTF-8\".", line: 1);
        }
        if (start.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            Consume(3);
    }

    private void Decode()
    {
        var status = Utf8.ToUtf16(_bytes.AsSpan(0, _byteCount), _chars, out var read, out var written,
            replaceInvalidSequences: false, isFinalBlock: _sourceEnded);
        _charStart = 0;
        _charEnd = NormalizeLineBreaks(_chars.AsSpan(0, written));
        _linesEnded += _chars.AsSpan(0, _charEnd).Count('\n');
        if (status == OperationStatus.InvalidData)
            throw InvalidByte(read);
        Consume(read);
    }

    private PassengerFileException InvalidByte(int index)
    {
        var line = _linesEnded + 1;
        return new PassengerFileException(string.Create(CultureInfo.InvariantCulture,
            $"Line {line}: byte {_bytesDecoded + index + 1} of the file (0x{_bytes[index]:X2}) is not valid UTF-8; ")
            + "the file must be UTF-8. Hint: the file may be Windows-1252 or Latin-1; save it again as \"CSV UTF-8\".", line);
    }

    private void Consume(int count)
    {
        _bytes.AsSpan(count, _byteCount - count).CopyTo(_bytes);
        _byteCount -= count;
        _bytesDecoded += count;
    }

    /// <summary>Converts CRLF and CR to LF in place, including a CRLF that spans two blocks.</summary>
    private int NormalizeLineBreaks(Span<char> text)
    {
        if (isVerbatim || text.IsEmpty || (!_endedWithCr && !text.Contains('\r')))
            return text.Length;
        var length = 0;
        foreach (var character in text)
        {
            if (character != '\n' || !_endedWithCr)
                text[length++] = character == '\r' ? '\n' : character;
            _endedWithCr = character == '\r';
        }
        return length;
    }
}
