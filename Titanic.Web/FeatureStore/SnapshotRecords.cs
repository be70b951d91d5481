using System.Text;

namespace Titanic.Web.FeatureStore;

/// <summary>The records of a CSV file, each without its line's end; a line's end between quotes belongs to its record.</summary>
internal sealed class SnapshotRecords(Stream csv)
{
    private const int LongestRecord = 10_000;

    private readonly StreamReader _text = new(
        csv, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false, leaveOpen: true);
    private readonly StringBuilder _record = new();

    /// <summary>Of the record that was given last; the header is 1.</summary>
    public int Number { get; private set; }

    /// <summary>Null at the end of the file.</summary>
    /// <exception cref="InvalidDataException">It is no UTF-8, a record is too long, or the last one is not ended.</exception>
    public string? Next()
    {
        _record.Clear();
        var isQuoted = false;
        while (Read() is var letter and >= 0)
        {
            if (letter == '\n' && !isQuoted)
            {
                Number++;
                return _record.ToString();
            }
            if (letter == '"')
                isQuoted = !isQuoted;
            if (_record.Append((char)letter).Length > LongestRecord)
                throw new InvalidDataException($"Record {Number + 1} of the rows has more than the {LongestRecord} characters that a row may have.");
        }
        return _record.Length == 0 ? null : throw new InvalidDataException($"Record {Number + 1} of the rows is cut off: the file ends without a line's end.");
    }

    private int Read()
    {
        try
        {
            return _text.Read();
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException($"The rows are no UTF-8 after record {Number}.");
        }
    }
}
