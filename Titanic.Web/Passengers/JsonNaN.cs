namespace Titanic.Web.Passengers;

/// <summary>
/// Replaces the literal NaN, which Python's json.dumps writes for a missing number but RFC 8259 does not allow, with an empty string and
/// a space. The length and so the positions in error messages remain. An empty text is a missing value at every entry point. Keeps its
/// state between the blocks of a body.
/// </summary>
internal struct JsonNaN
{
    private const byte Invalid = 0; // not allowed in JSON, neither inside nor outside of strings

    private bool _isInString, _isEscaped;
    private int _replaced;

    /// <summary>Replaces in place.</summary>
    /// <param name="block">The next bytes of the body.</param>
    public void Replace(Span<byte> block) => Scan(block, block);

    /// <summary>Reads a block and returns whether <see cref="Replace"/> would change it.</summary>
    public bool Occurs(ReadOnlySpan<byte> block) => Scan(block, []);

    private bool Scan(ReadOnlySpan<byte> block, Span<byte> target)
    {
        var occurs = false;
        for (var at = 0; at < block.Length; at++)
        {
            if (_replaced == 0 && !_isEscaped)
            {
                var next = _isInString ? block[at..].IndexOfAny((byte)'"', (byte)'\\') : block[at..].IndexOfAny((byte)'"', (byte)'N');
                if (next < 0)
                    break;
                at += next;
            }
            var read = block[at];
            if (_isInString)
            {
                _isInString = _isEscaped || read != '"';
                _isEscaped = !_isEscaped && read == '\\';
                continue;
            }
            if (_replaced == 0 && read == '"')
            {
                _isInString = true;
                continue;
            }
            occurs = true;
            if (!target.IsEmpty)
                target[at] = (_replaced, read) switch { (0, (byte)'N') or (1, (byte)'a') => (byte)'"', (2, (byte)'N') => (byte)' ', _ => Invalid };
            _replaced = (_replaced + 1) % 3;
        }
        return occurs;
    }
}
