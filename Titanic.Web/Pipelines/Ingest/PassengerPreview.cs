using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines.Ingest;

/// <summary>How a CSV file is understood: the dialect, the columns and the first rows. Nothing is stored.</summary>
/// <param name="Input">The dialect and the columns.</param>
/// <param name="Columns">All columns of the header in their order.</param>
/// <param name="Rows">The first 10 rows.</param>
public sealed record PassengerPreview(InputDescription Input, IReadOnlyList<PreviewColumn> Columns, IReadOnlyList<PreviewRow> Rows)
{
    public const int MaximumRows = 10;

    /// <param name="datasets">Opens the file.</param>
    /// <param name="file">The file, or its first bytes: an incomplete row after the first valid rows is not an error.</param>
    /// <param name="read">What is specified; the rest is detected.</param>
    /// <param name="now">The latest event time that is allowed.</param>
    /// <param name="cancellation">Cancels reading.</param>
    /// <exception cref="PassengerFileException">The file cannot be read.</exception>
    public static async Task<PassengerPreview> ReadAsync(
        DatasetSource datasets, Stream file, CsvReadOptions read, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var dataset = datasets.OpenUpload(file, "the file", DatasetFormat.Csv, read);
        var csv = (PassengerCsv)await dataset.ReadPassengersAsync(now, cancellation);
        var rows = new List<PreviewRow>();
        try
        {
            await foreach (var row in csv.RowsAsync(cancellation))
            {
                rows.Add(PreviewRow.Of(row));
                if (rows.Count == MaximumRows)
                    break;
            }
        }
        catch (PassengerFileException) when (rows.Count > 0)
        {
            // The end of the first bytes of a larger file; an import reports the error with its line.
        }
        var fields = csv.Mapping.ToDictionary(column => column.Value, column => column.Key);
        return new PassengerPreview(
            csv.Input!, [.. csv.HeaderNames.Where(name => name.Length > 0).Select(name => new PreviewColumn(name, fields.GetValueOrDefault(name)))], rows);
    }
}

/// <summary>A column of the file.</summary>
/// <param name="Name">The name in the header.</param>
/// <param name="Field">The field that it is read as; null if it is not read.</param>
public sealed record PreviewColumn(string Name, string? Field);

/// <summary>A row as it is read.</summary>
/// <param name="Line">The physical line where the row starts.</param>
/// <param name="PassengerId">The id, or the key from the content of the row.</param>
/// <param name="Reasons">Why the row would be rejected; empty for a valid row. The values of a rejected row are null.</param>
public sealed record PreviewRow(
    long Line, string? PassengerId, int? Pclass, string? Sex, double? Age, double? Fare, string? Name, bool? Survived, IReadOnlyList<string> Reasons)
{
    internal static PreviewRow Of(PassengerRow row) => row is AcceptedRow { Passenger: var passenger }
        ? new(
            row.Line, passenger.SourceKey, passenger.Pclass, SexConverter.Format(passenger.Sex), passenger.AgeInYears, passenger.FareInPounds, passenger.Name,
            passenger.Survived, [])
        : new(row.Line, null, null, null, null, null, null, null, [.. ((RejectedRow)row).Problems.Select(problem => problem.Message)]);
}
