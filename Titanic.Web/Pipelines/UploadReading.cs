using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines;

/// <summary>How a list is written.</summary>
public enum UploadFormat
{
    Csv,
    Json,
}

/// <summary>An opened list.</summary>
/// <param name="Rows">To be read once.</param>
/// <param name="Warnings">To be asked once the rows are read.</param>
internal sealed record UploadReading<TRow>(IAsyncEnumerable<TRow> Rows, Func<IReadOnlyList<string>> Warnings);

/// <summary>Opens lists of either kind in either format. Each throws <see cref="PassengerFileException"/> for what cannot be read at all.</summary>
internal static class UploadReading
{
    public static async Task<UploadReading<PassengerRow>> Passengers(UploadFormat format, Stream content, DateTimeOffset now, PassengersOptions options, CancellationToken cancellation)
    {
        if (format == UploadFormat.Json)
        {
            var json = new PassengerJson(now);
            return new(json.RowsAsync(content, options, cancellation), () => NotRead("Members", json.IgnoredMembers));
        }
        var csv = await PassengerCsv.OpenAsync(content, options, cancellation);
        return new(csv.RowsAsync(cancellation), () => NotRead("Columns", csv.IgnoredColumns));
    }

    public static async Task<UploadReading<OutcomeRow>> Outcomes(UploadFormat format, Stream content, OutcomeOrigin origin, PassengersOptions options, CancellationToken cancellation)
    {
        if (format == UploadFormat.Json)
        {
            var json = new OutcomeJson(origin);
            return new(json.RowsAsync(content, options, cancellation), () => NotRead("Members", json.IgnoredMembers));
        }
        var csv = await OutcomeCsv.OpenAsync(content, origin, options, cancellation);
        return new(csv.RowsAsync(cancellation), () => NotRead("Columns", csv.IgnoredColumns));
    }

    private static IReadOnlyList<string> NotRead(string what, IReadOnlyCollection<string> names) =>
        names.Count == 0 ? [] : [$"{what} that were not read: {string.Join(", ", names)}."];
}
