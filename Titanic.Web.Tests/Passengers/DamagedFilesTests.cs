using System.Text;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

/// <summary>
/// Files with bytes flipped, lost, doubled or cut off: whatever happens, a row is accepted within the limits, rejected with reasons, or the
/// whole file is refused with a sentence; nothing else may come out of a reader.
/// </summary>
public sealed class DamagedFilesTests
{
    private const string Csv =
        """
        PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Parch,Ticket,Fare,Cabin,Embarked
        1,0,3,"Braund, Mr. ""Owen"" Harris",male,22,1,0,A/5 21171,7.25,,S
        2,1,1,"Ärzte, Mrs. John
        Bradley",female,38.5,1,0,PC 17599,71.2833,C85,C
        3,1,3,Heikkinen,female,,0,0,,,,

        4,1,1,Futrelle,female,35,1,0,113803,53.1,C123,S
        """;

    private const string Json =
        """
        [{"passengerId": 1, "survived": 0, "pclass": 3, "name": "Braund, \"Owen\"", "sex": "male", "age": 22, "fare": 7.25},
         {"passengerId": "2", "survived": true, "pclass": 1, "name": "Ärzte", "sex": "female", "age": 38.5, "eventTime": "2026-11-23T18:00:00Z"},
         {"passengerId": 3, "pclass": 3, "name": "\u0048eikkinen", "sex": "female", "age": null, "deck": {"a": [1, 2]}}]
        """;

    [Fact]
    public Task A_damaged_list_is_read_rejected_or_refused() => TryAll(Csv, async file => (await ListReading.Of(file)) is var list ? [.. list.Accepted, .. list.Rejected] : []);

    [Fact]
    public Task Damaged_json_is_read_rejected_or_refused() => TryAll(Json, async file =>
        await new PassengerJson(DateTimeOffset.MaxValue).RowsAsync(file, new PassengersOptions(), TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));

    [Fact]
    public async Task A_list_reads_the_same_in_any_pieces()
    {
        var whole = await ListReading.Of(Csv);
        for (var seed = 0; seed < 200; seed++)
        {
            var pieces = await ListReading.Of(new PiecewiseStream(Encoding.UTF8.GetBytes(Csv), seed));
            Assert.Equal(whole.Accepted, pieces.Accepted);
        }
        Assert.Equal(4, whole.Accepted.Count);
    }

    private static async Task TryAll(string text, Func<Stream, Task<List<PassengerRow>>> read)
    {
        var random = new Random(1912);
        var (accepted, rejected, refused) = (0, 0, 0);
        for (var file = 0; file < 2_000; file++)
        {
            var bytes = Damaged(Encoding.UTF8.GetBytes(text), random);
            try
            {
                using var stream = new MemoryStream(bytes);
                var rows = await read(stream);
                Assert.InRange(rows.Count, 1, bytes.Length);
                Assert.All(rows.OfType<RejectedRow>(), row => Assert.NotEmpty(row.Problems));
                Assert.All(rows.OfType<AcceptedRow>(), row => AssertWithinLimits(row.Passenger));
                accepted += rows.OfType<AcceptedRow>().Count();
                rejected += rows.OfType<RejectedRow>().Count();
            }
            catch (PassengerFileException refusal)
            {
                Assert.Contains("Hint:", refusal.Message, StringComparison.Ordinal);
                Assert.DoesNotContain(refusal.Message, letter => char.IsControl(letter));
                refused++;
            }
        }
        // The damage is neither so mild nor so heavy that one way out is never taken.
        Assert.True(accepted > 100 && rejected > 100 && refused > 100, $"{accepted} accepted, {rejected} rejected, {refused} refused");
    }

    private static void AssertWithinLimits(Passenger passenger)
    {
        Assert.InRange(passenger.Pclass, 1, 3);
        Assert.True(long.Parse(passenger.SourceKey, System.Globalization.CultureInfo.InvariantCulture) >= 1);
        Assert.InRange(passenger.Name!.Length, 1, 400);
        Assert.True(passenger.AgeInYears is null or (>= 0 and <= 120) && passenger.FareInPounds is null or (>= 0 and <= 10_000));
    }

    private static byte[] Damaged(byte[] bytes, Random random)
    {
        var file = bytes.ToList();
        for (var times = random.Next(1, 4); times > 0 && file.Count > 1; times--)
        {
            var at = random.Next(file.Count);
            switch (random.Next(5))
            {
                case 0: file[at] = (byte)random.Next(256); break;
                case 1: file[at] = (byte)random.Next(' ', '~'); break;
                case 2: file.RemoveAt(at); break;
                case 3: file.Insert(at, file[random.Next(file.Count)]); break;
                default: file.RemoveRange(at, Math.Min(file.Count - at, random.Next(1, 40))); break;
            }
        }
        return [.. file];
    }
}
