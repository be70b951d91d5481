using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// The rows of a training dataset as a CSV file that stands for them exactly: UTF-8 without a mark, LF, RFC 4180, in canonical order;
/// outcome and side of the split are 0 or 1, and the person's fold is 0 to 4. The same rows have the same bytes, and other bytes are other rows or are refused.
/// </summary>
public static class TrainingSnapshot
{
    public const string Source = "source", SourceKey = "source_key", HeldOut = "held_out", Fold = "fold";

    public static string Header(FeatureViewSchema view) => string.Join(',', [Source, SourceKey, .. view.FeatureNames, FeatureViewSchema.Label, HeldOut, Fold]);

    /// <summary>One row, without its line's end.</summary>
    public static StringBuilder AppendTo(StringBuilder line, TrainingRow row)
    {
        line.Append(CsvFormula.Escape(row.Source)).Append(',').Append(CsvFormula.Escape(row.SourceKey));
        foreach (var feature in row.Features)
            line.Append(CultureInfo.InvariantCulture, $",{feature}");
        return line.Append(row.Survived ? ",1" : ",0").Append(row.IsHeldOut ? ",1" : ",0").Append(CultureInfo.InvariantCulture, $",{row.Fold}");
    }

    /// <summary>The rows one after another; our own ids of passengers and commits are no part of a file and read as 0.</summary>
    /// <exception cref="InvalidDataException">This is not what is written for any rows of the view; the message names the record.</exception>
    public static IEnumerable<TrainingRow> Read(Stream csv, ITrainingView view)
    {
        var records = new SnapshotRecords(csv);
        if (records.Next() is not { } header || header != Header(view.Schema))
            throw new InvalidDataException($"The rows do not begin with the header \"{Header(view.Schema)}\".");
        var written = new StringBuilder();
        byte[] before = [];
        while (records.Next() is { } record)
        {
            var row = RowOf(record, view) is { } read && AppendTo(written.Clear(), read).Equals(record.AsSpan())
                ? read
                : throw new InvalidDataException($"Record {records.Number} of the rows is \"{Excerpt.TruncateRecord(record)}\"; it is not written as a row of {view.Schema} is.");
            var key = Encoding.UTF8.GetBytes($"{row.Source}\0{row.SourceKey}");
            if (before.AsSpan().SequenceCompareTo(key) >= 0)
                throw new InvalidDataException($"Record {records.Number} of the rows is \"{Excerpt.TruncateRecord(record)}\"; it must come after the one before by source and key.");
            before = key;
            yield return row;
        }
    }

    /// <summary>Null for what is no row; a row that was written in another way is found out by writing it again.</summary>
    private static TrainingRow? RowOf(string record, ITrainingView view)
    {
        var cells = CellsOf(record);
        var features = new double[view.Schema.Features.Count];
        if (cells.Count != features.Length + 5 || !PassengerSources.All.Contains(cells[0]) || cells[1].Contains('\0', StringComparison.Ordinal)
            || !int.TryParse(cells[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var fold) || fold >= PersonSplit.Folds)
            return null;
        for (var feature = 0; feature < features.Length; feature++)
        {
            if (!double.TryParse(cells[feature + 2], NumberStyles.Float, CultureInfo.InvariantCulture, out features[feature]))
                return null;
        }
        return view.IsPoint(features) ? new TrainingRow(cells[0], CsvFormula.Unescape(cells[1]), 0, 0, features, cells[^3] == "1", cells[^2] == "1", fold) : null;
    }

    private static List<string> CellsOf(string record)
    {
        var cells = new List<string>();
        var (start, isQuoted) = (0, false);
        for (var at = 0; at < record.Length; at++)
        {
            if (record[at] == '"')
                isQuoted = !isQuoted;
            if (record[at] != ',' || isQuoted)
                continue;
            cells.Add(record[start..at]);
            start = at + 1;
        }
        cells.Add(record[start..]);
        return cells;
    }
}

/// <summary>What a snapshot holds, for training and for whoever compares it with a training dataset.</summary>
/// <param name="Points">Every row; equal ones are counted together.</param>
/// <param name="Sha256">As <see cref="TrainingDigest"/> gives it.</param>
public sealed record SnapshotContent(TrainingPoints Points, int Rows, int Survivors, int HeldOutRows, string Sha256)
{
    /// <exception cref="InvalidDataException">As by <see cref="TrainingSnapshot.Read"/>.</exception>
    public static SnapshotContent Read(Stream csv, ITrainingView view)
    {
        using var digest = new TrainingDigest(view);
        var points = new Dictionary<string, TrainingPoint>(StringComparer.Ordinal);
        var found = points.GetAlternateLookup<ReadOnlySpan<char>>();
        var key = new byte[(view.PointLength + 4) / 2 * 2];
        foreach (var row in TrainingSnapshot.Read(csv, view))
        {
            digest.Add(row);
            view.WritePoint(row.Features, key);
            (key[^3], key[^2], key[^1]) = (row.Survived ? (byte)1 : (byte)0, row.IsHeldOut ? (byte)1 : (byte)0, (byte)row.Fold);
            ref var point = ref CollectionsMarshal.GetValueRefOrAddDefault(found, MemoryMarshal.Cast<byte, char>(key), out var isKnown);
            point = isKnown ? point with { Rows = point.Rows + 1 } : new TrainingPoint(row.Features, row.Survived, row.IsHeldOut, row.Fold, 1);
        }
        return new SnapshotContent(new TrainingPoints([view.Schema], [.. points.Values]), digest.Rows, digest.Survivors, digest.HeldOutRows, digest.Sha256());
    }
}

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
