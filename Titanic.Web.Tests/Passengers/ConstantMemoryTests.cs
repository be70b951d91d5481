using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

/// <summary>Runs without parallel tests, because the memory of other tests would be measured, too.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class NonParallelCollection;

[Collection(typeof(NonParallelCollection))]
public sealed class ConstantMemoryTests
{
    private const long Bound = 4 * 1024 * 1024;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>380,000 rows of 40 characters are 30 MB as text.</summary>
    [Fact]
    public async Task Memory_of_a_CSV_reader_does_not_depend_on_the_number_of_rows()
    {
        await using var file = new GeneratedStream(GeneratedStream.Csv(PassengerListResult.Header, 400_000, id => $"{id},1,3,\"Passenger, Mr. Number\",male,22,7.25\n"));
        var csv = await PassengerCsv.OpenAsync(file, new PassengersOptions(), Cancellation);

        Assert.InRange(await Growth(csv.RowsAsync(Cancellation), 20_000, 400_000), long.MinValue, Bound);
    }

    /// <summary>190,000 elements of 95 bytes are 18 MB as text and more as values.</summary>
    [Fact]
    public async Task Memory_of_a_JSON_reader_does_not_depend_on_the_number_of_elements()
    {
        await using var body = new GeneratedStream(GeneratedStream.Json(200_000, id => $$"""{"passengerId": {{id}}, "name": "Passenger, Mr. Number", "pclass": 3, "sex": "male", "age": 22, "fare": 7.25}"""));
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

        Assert.InRange(await Growth(new PassengerJson(body, now, new PassengersOptions()).RowsAsync(Cancellation), 10_000, 200_000), long.MinValue, Bound);
    }

    /// <returns>The growth of the managed heap, in bytes, from an early row to the last row.</returns>
    private static async Task<long> Growth(IAsyncEnumerable<PassengerRow> rows, int early, int count)
    {
        long read = 0, before = 0, after = 0;
        await foreach (var row in rows)
        {
            Assert.IsType<AcceptedRow>(row);
            read++;
            if (read == early)
                before = GC.GetTotalMemory(forceFullCollection: true);
            if (read == count)
                after = GC.GetTotalMemory(forceFullCollection: true);
        }
        Assert.Equal(count, read);
        return after - before;
    }
}
