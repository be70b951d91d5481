using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text.Unicode;

namespace Titanic.Web.Passengers;

/// <summary>The encodings of CSV files.</summary>
public enum TextEncoding
{
    Utf8,

    /// <summary>With a byte order mark, which gives the order of the bytes.</summary>
    Utf16,

    /// <summary>The encoding of older Windows programs. No file proves it, so it is read only on request.</summary>
    Windows1252,
}

/// <summary>
/// Reads UTF-8, UTF-16 with a byte order mark or, on request, Windows-1252; normalizes line breaks (CRLF, CR, LF) to LF and removes a byte
/// order mark. Unlike StreamReader, which replaces invalid bytes with U+FFFD, it throws <see cref="PassengerFileException"/> with the line
/// and the position of the first invalid byte. With uniform line breaks the number of LF characters is the number of physical lines.
/// </summary>
/// <param name="declared">The encoding, if the sender specified it. Default: the byte order mark decides; without one it is UTF-8.</param>
/// <param name="isVerbatim">
/// If true, line breaks and a byte order mark are kept, for files that must match bit for bit. Default: false.
/// </param>
internal sealed class StrictTextReader(Stream source, TextEncoding? declared = null, bool isVerbatim = false) : TextReader
{
    /// <summary>The characters of the bytes 0x80 to 0x9F in Windows-1252; a space stands for a byte that is not defined.</summary>
    private const string Windows1252Characters =
        "\u20AC \u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152 \u017D  \u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153 \u017E\u0178";

    private readonly byte[] _bytes = new byte[32 * 1024];
    private readonly char[] _chars = new char[32 * 1024]; // no encoding has fewer bytes than UTF-16 code units
    private ReadOnlyMemory<char> _peeked;
    private BlankFilter? _blanks;
    private int _byteCount;
    private int _charStart;
    private int _charEnd;
    private long _bytesDecoded;
    private long _linesEnded;
    private bool _isBigEndian;
    private bool _started;
    private bool _sourceEnded;
    private bool _endedWithCr;

    /// <summary>Whether the sender can specify the encoding, for hints. Default: true.</summary>
    public bool CanDeclareEncoding { get; init; } = true;

    /// <summary>The encoding of the file; known after the first read.</summary>
    public TextEncoding Encoding { get; private set; } = declared ?? TextEncoding.Utf8;

    /// <summary>
    /// Returns the next characters without consuming them: <paramref name="count"/>, or fewer at the end of the file. Can be called once.
    /// </summary>
    public async ValueTask<ReadOnlyMemory<char>> PeekAsync(int count, CancellationToken cancellation)
    {
        var buffer = new char[count];
        _peeked = buffer.AsMemory(0, await ReadBlockAsync(buffer.AsMemory(), cancellation));
        return _peeked;
    }

    /// <summary>Consumes characters that <see cref="PeekAsync"/> returned.</summary>
    public void Skip(int count) => _peeked = _peeked[count..];

    /// <summary>Removes blanks at the start of cells from here on, so that a quote after them starts a quoted cell.</summary>
    public void RemoveBlanksAfter(char delimiter)
    {
        _blanks = new BlankFilter(delimiter);
        var peeked = _peeked.ToArray();
        _peeked = peeked.AsMemory(0, _blanks.Apply(peeked));
        _charEnd = _charStart + _blanks.Apply(_chars.AsSpan(_charStart.._charEnd));
    }

    /// <summary>Fills the whole buffer unless the file ends, because the CSV library treats a short read as the end of the file.</summary>
    public override async ValueTask<int> ReadBlockAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
    {
        var filled = TakePeeked(buffer.Span);
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
        var filled = TakePeeked(buffer.AsSpan(index, count));
        while (filled < count && Fill())
            filled += CopyTo(buffer.AsSpan(index + filled, count - filled));
        return filled;
    }

    public override int Read() => throw new NotSupportedException("Only block reads are supported; call ReadBlockAsync.");

    private int TakePeeked(Span<char> buffer)
    {
        var taken = Math.Min(buffer.Length, _peeked.Length);
        _peeked.Span[..taken].CopyTo(buffer);
        _peeked = _peeked[taken..];
        return taken;
    }

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
        ReadOnlySpan<byte> start = _bytes.AsSpan(0, Math.Min(_byteCount, 4));
        (TextEncoding Encoding, int Length)? mark = start switch
        {
            [0xEF, 0xBB, 0xBF, ..] => (TextEncoding.Utf8, 3),
            [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => (TextEncoding.Utf16, 2),
            _ => null,
        };
        if (mark is null && (declared == TextEncoding.Utf16 || start is [0, not 0, 0, not 0] or [not 0, 0, not 0, 0]))
        {
            throw new PassengerFileException($"Line 1: the file {(declared is null ? "is" : "must be")} UTF-16, but has no byte order mark (its first bytes are "
                + $"{Convert.ToHexString(start)}). Hint: save it again as \"CSV UTF-8\".", line: 1);
        }
        if (mark is { } found && declared is { } requested && found.Encoding != requested)
        {
            throw new PassengerFileException($"Line 1: the file has the byte order mark of {FormatName(found.Encoding)}; it cannot be {FormatName(requested)}. "
                + "Hint: do not specify the encoding.", line: 1);
        }
        if (mark is null)
            return;
        Encoding = mark.Value.Encoding;
        _isBigEndian = start[0] == 0xFE;
        Consume(mark.Value.Length);
    }

    /// <summary>"UTF-8", "UTF-16" or "Windows-1252".</summary>
    public static string FormatName(TextEncoding encoding) => encoding switch
    {
        TextEncoding.Utf16 => "UTF-16",
        TextEncoding.Windows1252 => "Windows-1252",
        _ => "UTF-8",
    };

    private void Decode()
    {
        int read, written;
        var isValid = Encoding switch
        {
            TextEncoding.Utf16 => DecodeUtf16(out read, out written),
            TextEncoding.Windows1252 => DecodeWindows1252(out read, out written),
            _ => Utf8.ToUtf16(_bytes.AsSpan(0, _byteCount), _chars, out read, out written, replaceInvalidSequences: false, isFinalBlock: _sourceEnded)
                != OperationStatus.InvalidData,
        };
        _charStart = 0;
        _charEnd = NormalizeLineBreaks(_chars.AsSpan(0, written));
        _linesEnded += _chars.AsSpan(0, _charEnd).Count('\n');
        if (!isValid)
            throw InvalidByte(read);
        Consume(read);
        if (_blanks is not null)
            _charEnd = _blanks.Apply(_chars.AsSpan(0, _charEnd));
    }

    private bool DecodeUtf16(out int read, out int written)
    {
        var units = _byteCount / sizeof(char);
        for (var i = 0; i < units; i++)
        {
            var unit = _bytes.AsSpan(i * sizeof(char));
            _chars[i] = (char)(_isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(unit) : BinaryPrimitives.ReadUInt16LittleEndian(unit));
        }
        if (!_sourceEnded && units > 0 && char.IsHighSurrogate(_chars[units - 1]))
            units--; // its other half is in the next block
        for (written = 0; written < units; written++)
        {
            if (!char.IsSurrogate(_chars[written]))
                continue;
            if (written + 1 == units || !char.IsSurrogatePair(_chars[written], _chars[written + 1]))
                break;
            written++;
        }
        read = written * sizeof(char);
        return written == units && !(_sourceEnded && read < _byteCount);
    }

    private bool DecodeWindows1252(out int read, out int written)
    {
        for (read = 0; read < _byteCount; read++)
        {
            var code = _bytes[read];
            _chars[read] = code is >= 0x80 and <= 0x9F ? Windows1252Characters[code - 0x80] : (char)code;
            if (code >= 0x80 && _chars[read] == ' ')
                break;
        }
        written = read;
        return read == _byteCount;
    }

    private PassengerFileException InvalidByte(int index)
    {
        var (line, name) = (_linesEnded + 1, FormatName(Encoding));
        return new PassengerFileException(string.Create(CultureInfo.InvariantCulture,
            $"Line {line}: byte {_bytesDecoded + index + 1} of the file (0x{_bytes[index]:X2}) is not valid {name}; the file must be {name}. ")
            + (Encoding == TextEncoding.Utf8
                ? "Hint: the file may be Windows-1252 or Latin-1; save it again as \"CSV UTF-8\""
                    + (CanDeclareEncoding ? ", or specify the encoding windows-1252." : ".")
                : "Hint: save the file again as \"CSV UTF-8\"."), line);
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

/// <summary>
/// Removes blanks between a delimiter and the next cell, in files that write ", " between cells. Blanks inside quotes are kept.
/// </summary>
internal sealed class BlankFilter(char delimiter)
{
    private Position _position = Position.CellStart;

    private enum Position
    {
        CellStart,
        Unquoted,
        Quoted,
        AfterQuote,
    }

    /// <summary>Filters the next block of the text in place.</summary>
    /// <returns>The number of characters that remain.</returns>
    public int Apply(Span<char> text)
    {
        var length = 0;
        foreach (var character in text)
        {
            if (_position == Position.CellStart && character == ' ')
                continue;
            text[length++] = character;
            _position = Next(character);
        }
        return length;
    }

    private Position Next(char character) => _position switch
    {
        Position.Quoted => character == '"' ? Position.AfterQuote : Position.Quoted,
        Position.CellStart or Position.AfterQuote when character == '"' => Position.Quoted,
        _ => character == delimiter || character == '\n' ? Position.CellStart : Position.Unquoted,
    };
}
