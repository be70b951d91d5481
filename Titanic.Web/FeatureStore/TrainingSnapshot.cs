using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Sylvan.Data.Csv;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// The rows of a training dataset as a canonical CSV file: UTF-8 without a byte order mark, LF, RFC 4180, in canonical order; label and
/// held out are 0 or 1, the fold is 0 to 4. A dataset by person also has the person key, from which held out and fold follow. The same rows
/// have the same bytes. Reading rejects every file that is not in this form.
/// </summary>
public static class TrainingSnapshot
{
    public const string Source = "source", SourceKey = "source_key", HeldOut = "held_out", Fold = "fold", PersonKey = "person_key";

    /// <summary>The header line, without a line break.</summary>
    public static string Header(FeatureViewSchema view, bool isByPerson) =>
        string.Join(',', [Source, SourceKey, .. view.FeatureNames, FeatureViewSchema.Label, HeldOut, Fold, .. isByPerson ? (string[])[PersonKey] : []]);

    /// <summary>Appends one row, without a line break.</summary>
    public static StringBuilder AppendRow(StringBuilder line, TrainingRow row)
    {
        line.Append(CsvFormula.Escape(row.Source)).Append(',').Append(CsvFormula.Escape(row.SourceKey));
        foreach (var feature in row.Features)
            line.Append(CultureInfo.InvariantCulture, $",{feature}");
        line.Append(row.Survived ? ",1" : ",0").Append(row.IsHeldOut ? ",1" : ",0").Append(CultureInfo.InvariantCulture, $",{row.Fold}");
        return row.PersonKey is { } key ? line.Append(CultureInfo.InvariantCulture, $",{key}") : line;
    }

    /// <summary>Streams the rows. Passenger and commit ids are not part of the file and are 0.</summary>
    /// <param name="csv">The file.</param>
    /// <param name="view">The view of the dataset.</param>
    /// <param name="split">The split of a dataset by person, to verify held out and fold; null for a dataset by rows.</param>
    /// <exception cref="InvalidDataException">The file is not a canonical snapshot of the view; the message states the record.</exception>
    public static IEnumerable<TrainingRow> Read(Stream csv, ITrainingView view, PersonSplit? split)
    {
        var records = new SnapshotRecords(csv);
        var canonical = new StringBuilder(Header(view.Schema, isByPerson: split is not null));
        if (!records.Read() || !records.HasText(canonical))
            throw new InvalidDataException($"The rows do not begin with the header \"{canonical}\".");
        byte[] previous = [];
        while (records.Read())
        {
            var row = ParseRow(records, view, split) is { } read && records.HasText(AppendRow(canonical.Clear(), read))
                ? read
                : throw new InvalidDataException($"{records} is not a canonical row of {view.Schema}.");
            var key = Encoding.UTF8.GetBytes($"{row.Source}\0{row.SourceKey}");
            if (previous.AsSpan().SequenceCompareTo(key) >= 0)
                throw new InvalidDataException($"{records} must come after the previous record in the order of source and key.");
            previous = key;
            yield return row;
        }
    }

    /// <summary>Parses a row; null if it is not valid. The caller writes the row again to detect a form that is not canonical.</summary>
    private static TrainingRow? ParseRow(SnapshotRecords record, ITrainingView view, PersonSplit? split)
    {
        var features = new double[view.Schema.Features.Count];
        long? personKey = null;
        if (split is not null)
        {
            if (!long.TryParse(record[^1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var key))
                return null;
            personKey = key;
        }
        var (survived, heldOut, foldCell) = split is null ? (^3, ^2, ^1) : ((Index)(^4), (Index)(^3), (Index)(^2));
        if (record.CellCount != features.Length + (split is null ? 5 : 6) || !PassengerSources.All.Contains(record[0].ToString()) || record[1].Contains('\0')
            || !int.TryParse(record[foldCell], NumberStyles.None, CultureInfo.InvariantCulture, out var fold) || fold >= PersonSplit.Folds)
            return null;
        for (var feature = 0; feature < features.Length; feature++)
        {
            if (!double.TryParse(record[feature + 2], NumberStyles.Float, CultureInfo.InvariantCulture, out features[feature]))
                return null;
        }
        var row = new TrainingRow(
            record[0].ToString(), CsvFormula.Unescape(record[1].ToString()), 0, 0, features, record[survived] is "1", record[heldOut] is "1", fold, personKey);
        if (personKey is { } person && (row.Fold != PersonSplit.FoldOf(person) || row.IsHeldOut != split!.IsHeldOut(person)))
            throw new InvalidDataException($"{record} must have the fold {PersonSplit.FoldOf(person)} and held out {(split!.IsHeldOut(person) ? 1 : 0)}, which follow from its person key.");
        return view.IsValidPoint(features) ? row : null;
    }
}

/// <summary>The content of a snapshot, for training and for comparison with a training dataset.</summary>
/// <param name="Points">All rows as weighted points.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Survivors">Number of rows with the label true.</param>
/// <param name="HeldOutRows">Number of rows in the test set.</param>
/// <param name="Sha256">The digest; see <see cref="TrainingDigest"/>.</param>
public sealed record SnapshotContent(TrainingPoints Points, int Rows, int Survivors, int HeldOutRows, string Sha256)
{
    /// <summary>
    /// Reads a whole snapshot. Memory use grows with the distinct points, and for a dataset by person with one key per row.
    /// </summary>
    /// <inheritdoc cref="TrainingSnapshot.Read"/>
    public static SnapshotContent Read(Stream csv, ITrainingView view, PersonSplit? split)
    {
        using var digest = new TrainingDigest(view);
        var points = new Dictionary<string, TrainingPoint>(StringComparer.Ordinal);
        var found = points.GetAlternateLookup<ReadOnlySpan<char>>();
        var (firstOfPerson, othersOfPerson) = (new Dictionary<long, string>(), new List<(long PersonKey, string Point)>());
        var key = new byte[(view.PointLength + 4) / 2 * 2];
        foreach (var row in TrainingSnapshot.Read(csv, view, split))
        {
            digest.Add(row);
            view.WritePoint(row.Features, key);
            (key[^3], key[^2], key[^1]) = (row.Survived ? (byte)1 : (byte)0, row.IsHeldOut ? (byte)1 : (byte)0, (byte)row.Fold);
            var text = MemoryMarshal.Cast<byte, char>(key);
            if (!found.TryGetValue(text, out var point, out var known))
                points.Add(point = text.ToString(), new TrainingPoint(row.Features, row.Survived, row.IsHeldOut, row.Fold, 1));
            else
                points[point] = known with { Rows = known.Rows + 1 };
            if (row.PersonKey is { } person && !firstOfPerson.TryAdd(person, point))
                othersOfPerson.Add((person, point));
        }
        var grouped = new List<TrainingPoint>();
        foreach (var (person, point) in othersOfPerson.DistinctBy(other => other.PersonKey).Select(other => (other.PersonKey, firstOfPerson[other.PersonKey])).Concat(othersOfPerson))
        {
            grouped.Add(points[point] with { Rows = 1, Group = person });
            points[point] = points[point] with { Rows = points[point].Rows - 1 };
        }
        var samples = new TrainingPoints([view.Schema], [.. points.Values.Where(point => point.Rows > 0), .. grouped]);
        return new SnapshotContent(samples, digest.Rows, digest.Survivors, digest.HeldOutRows, digest.Sha256());
    }
}

/// <summary>Reads the records of a snapshot as raw text and as cells.</summary>
internal sealed class SnapshotRecords(Stream csv)
{
    private const int MaximumRecordLength = 10_000;

    private readonly StrictTextReader _text = new(csv, isVerbatim: true);
    private CsvDataReader _record = null!; // null before the first record

    /// <summary>The number of the current record; the header is 1.</summary>
    private int _recordNumber;

    public int CellCount => _record.RowFieldCount;

    public ReadOnlySpan<char> this[Index cell] => _record.GetFieldSpan(cell.GetOffset(CellCount));

    /// <summary>Reads the next record.</summary>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="InvalidDataException">
    /// The file is not UTF-8, a record is too long, or the last record has no line break.
    /// </exception>
    public bool Read()
    {
        try
        {
            _record ??= CsvDataReader.Create(_text, CsvFile.ReaderOptions(MaximumRecordLength));
            if (!_record.Read())
                return false;
        }
        catch (CsvRecordTooLargeException)
        {
            throw new InvalidDataException(
                $"Record {_recordNumber + 1} of the rows is longer than {Format.Count(MaximumRecordLength)} characters, the maximum.");
        }
        catch (PassengerFileException invalid)
        {
            throw new InvalidDataException($"The rows cannot be read after record {_recordNumber}. {invalid.Message}", invalid);
        }
        _recordNumber++;
        return _record.GetRawRecordSpan() is [.., '\n'] written && CsvQuoting.Check(written) != Quoting.NeverClosed
            ? true
            : throw new InvalidDataException($"Record {_recordNumber} of the rows is cut off: the file ends without a line break.");
    }

    /// <summary>Whether the raw record is this text, followed by LF.</summary>
    public bool HasText(StringBuilder text) => text.Equals(_record.GetRawRecordSpan()[..^1]);

    public override string ToString() => $"Record {_recordNumber} of the rows is \"{Excerpt.TruncateRecord(_record.GetRawRecordSpan())}\"; it";
}
