using System.Globalization;
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
