using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines.Ingest;

/// <summary>Previews passenger files.</summary>
public sealed class PassengerPreviews(DatasetSource datasets, IOptions<PassengersOptions> options, TimeProvider clock)
{
    /// <summary>The first bytes of a file that a preview needs: the reader looks at as many characters as a record may have.</summary>
    public int Bytes => 4 * (options.Value.MaximumRecordLengthInCharacters + 2);

    /// <summary>The maximum size of a file for an upload.</summary>
    public long MaximumFileBytes => options.Value.MaximumFileSizeInBytes;

    /// <summary>Reads the first rows of a CSV file; nothing is stored.</summary>
    /// <param name="file">The file, or its first bytes: an incomplete row after the first valid rows is not an error.</param>
    /// <param name="read">What is specified; the rest is detected.</param>
    /// <param name="cancellation">Cancels reading.</param>
    /// <exception cref="PassengerFileException">The file cannot be read.</exception>
    public async Task<PassengerPreview> Read(Stream file, CsvReadOptions read, CancellationToken cancellation)
    {
        await using var dataset = datasets.OpenUpload(file, "the file", DatasetFormat.Csv, read);
        var csv = (PassengerCsv)await dataset.ReadPassengersAsync(clock.GetUtcNow(), cancellation);
        var rows = new List<PreviewRow>();
        try
        {
            await foreach (var row in csv.RowsAsync(cancellation))
            {
                rows.Add(PreviewRow.Of(row));
                if (rows.Count == PassengerPreview.MaximumRows)
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

/// <summary>How a CSV file is understood: the dialect, the columns and the first rows. Nothing is stored.</summary>
/// <param name="Input">The dialect and the columns.</param>
/// <param name="Columns">All columns of the header in their order.</param>
/// <param name="Rows">The first 10 rows.</param>
public sealed record PassengerPreview(InputDescription Input, IReadOnlyList<PreviewColumn> Columns, IReadOnlyList<PreviewRow> Rows)
{
    public const int MaximumRows = 10;
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
