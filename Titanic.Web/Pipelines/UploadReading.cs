using Titanic.Web.Passengers;

namespace Titanic.Web.Pipelines;

/// <summary>An opened list of passengers.</summary>
/// <param name="Rows">To be read once.</param>
/// <param name="Warnings">To be asked once the rows are read.</param>
internal sealed record UploadReading(IAsyncEnumerable<PassengerRow> Rows, Func<IReadOnlyList<string>> Warnings)
{
    /// <exception cref="PassengerFileException">It cannot be read at all; rows that cannot are told one by one.</exception>
    public static async Task<UploadReading> Open(Stream content, PassengersOptions options, CancellationToken cancellation)
    {
        var csv = await PassengerCsv.OpenAsync(content, options, cancellation);
        return new(csv.RowsAsync(cancellation), () => csv.IgnoredColumns is { Count: > 0 } ignored ? [$"Columns that were not read: {string.Join(", ", ignored)}."] : []);
    }
}
