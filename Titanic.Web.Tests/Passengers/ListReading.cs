using System.Text;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

/// <summary>The rows of a small CSV file, read with <see cref="PassengerCsv"/>.</summary>
internal sealed record ListReading(
    IReadOnlyList<AcceptedRow> Accepted, IReadOnlyList<RejectedRow> Rejected, IReadOnlyList<string> IgnoredColumns)
{
    public const string Header = "PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n";

    public static Task<ListReading> Of(string text) => Of(Encoding.UTF8.GetBytes(text));

    public static async Task<ListReading> Of(byte[] bytes, PassengersOptions? options = null)
    {
        using var file = new MemoryStream(bytes);
        return await Of(file, options);
    }

    public static async Task<ListReading> Of(Stream file, PassengersOptions? options = null)
    {
        var csv = await PassengerCsv.OpenAsync(file, options ?? new PassengersOptions(), TestContext.Current.CancellationToken);
        var rows = new List<PassengerRow>();
        await foreach (var row in csv.RowsAsync(TestContext.Current.CancellationToken))
            rows.Add(row);
        return new([.. rows.OfType<AcceptedRow>()], [.. rows.OfType<RejectedRow>()], csv.IgnoredColumns);
    }

    /// <summary>The exception for a file that is rejected as a whole.</summary>
    public static Task<PassengerFileException> Refusal(string text) => Refusal(Encoding.UTF8.GetBytes(text));

    public static Task<PassengerFileException> Refusal(byte[] bytes, PassengersOptions? options = null) =>
        Assert.ThrowsAsync<PassengerFileException>(() => Of(bytes, options));

    /// <summary>The only message of the only rejected row.</summary>
    public static async Task<string> OnlyReason(string row) => Assert.Single(Assert.Single((await Of(Header + row)).Rejected).Problems.Select(problem => problem.Sentence));

    /// <summary>The passenger of the only row, which must be accepted.</summary>
    public static async Task<Passenger> OnlyPassenger(string row)
    {
        var list = await Of(Header + row);
        Assert.Empty(list.Rejected);
        return Assert.Single(list.Accepted).Passenger;
    }
}
