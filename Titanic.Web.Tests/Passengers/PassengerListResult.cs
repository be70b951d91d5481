using System.Text;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

/// <summary>The rows of a small CSV file, read with <see cref="PassengerCsv"/>.</summary>
internal sealed record PassengerListResult(
    IReadOnlyList<AcceptedRow> Accepted, IReadOnlyList<RejectedRow> Rejected, IReadOnlyList<string> IgnoredColumns)
{
    public const string Header = "PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n";

    public static Task<PassengerListResult> Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    public static async Task<PassengerListResult> Of(byte[] bytes, PassengersOptions? options = null)
    {
        using var file = new MemoryStream(bytes);
        return await Of(file, options);
    }

    public static async Task<PassengerListResult> Of(Stream file, PassengersOptions? options = null, CsvReadOptions? read = null)
    {
        var csv = await PassengerCsv.OpenAsync(file, options ?? new PassengersOptions(), TestContext.Current.CancellationToken, read);
        var rows = new List<PassengerRow>();
        await foreach (var row in csv.RowsAsync(TestContext.Current.CancellationToken))
            rows.Add(row);
        return new([.. rows.OfType<AcceptedRow>()], [.. rows.OfType<RejectedRow>()], csv.IgnoredColumns);
    }

    /// <summary>The exception for a file that is rejected as a whole.</summary>
    public static Task<PassengerFileException> ReadError(string text) => ReadError(Encoding.UTF8.GetBytes(text));

    public static Task<PassengerFileException> ReadError(byte[] bytes, PassengersOptions? options = null) =>
        Assert.ThrowsAsync<PassengerFileException>(() => Of(bytes, options));

    /// <summary>The only message of the only rejected row.</summary>
    public static async Task<string> SingleReason(string row) => Assert.Single(Assert.Single((await Of(Header + row)).Rejected).Problems.Select(problem => problem.Message));

    /// <summary>The passenger of the only row, which must be accepted.</summary>
    public static async Task<Passenger> SinglePassenger(string row)
    {
        var list = await Of(Header + row);
        Assert.Empty(list.Rejected);
        return Assert.Single(list.Accepted).Passenger;
    }
}
