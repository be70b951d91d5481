using System.Globalization;
using System.Text;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

/// <summary>
/// Fuzz tests with changed, removed, duplicated and truncated bytes. A reader must accept a row within the limits, reject it with reasons, or reject
/// the whole file with <see cref="PassengerFileException"/>. The result must not depend on the chunk sizes of the stream.
/// </summary>
public sealed class CorruptFilesTests
{
    private const int Files = 2_000;

    /// <summary>A number from 1, or a text with a letter and without slashes and control characters.</summary>
    private const string KeyPattern = @"\A([1-9][0-9]{0,18}|(?=.*\p{L})[^/\\\p{C}]{1,100})\z";

    private const string Passengers =
        """
        PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Parch,Ticket,Fare,Cabin,Embarked
        1,0,3,"Braund, Mr. ""Owen"" Harris",male,22,1,0,A/5 21171,7.25,,S
        2,1,1,"Ärzte, Mrs. John
        Bradley",female,38.5,1,0,PC 17599,71.2833,C85,C
        3,1,3,Heikkinen,female,,0,0,,,,

        4,1,1,Futrelle,female,35,1,0,113803,53.1,C123,S
        """;

    private const string PassengersInJson =
        """
        [{"passengerId": 1, "survived": 0, "pclass": 3, "name": "Braund, \"Owen\"", "sex": "male", "age": 22, "fare": 7.25},
         {"passengerId": "2", "survived": true, "pclass": 1, "name": "Ärzte", "sex": "female", "age": 38.5, "eventTime": "2026-11-23T18:00:00Z"},
         {"passengerId": 3, "pclass": 3, "name": "\u0048eikkinen", "sex": "female", "age": null, "deck": {"a": [1, 2]}}]
        """;

    private const string Outcomes =
        """
        PassengerId,Survived,Source,KnownAt,Note
        1,0,titanic3,2026-11-23T18:00:00Z,"a, ""b""
        c"
        realistic-2026-11-23-1,1,synthetic,2026-11-23T18:00+01:00,Ä
        3,1,,,

        3,0,api,,
        """;

    private const string OutcomesInJson =
        """
        [{"passengerId": 1, "survived": 0, "source": "titanic3", "knownAt": "2026-11-23T18:00:00Z"},
         {"passengerId": "realistic-2026-11-23-1", "survived": true, "source": "synthetic", "note": "Ä"},
         {"passengerId": 3, "survived": 1, "knownAt": null}, {"passengerId": "3", "survived": false, "source": "\u0061pi"}]
        """;

    private static readonly DateTimeOffset _now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly OutcomeOrigin _origin = new("api", _now);
    private static readonly PassengersOptions _options = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public Task Handles_corrupt_passengers_in_CSV() => TestCorruptFiles(Passengers, MaximumCsvRows, async file =>
        await (await PassengerCsv.OpenAsync(file, _options, Cancellation)).RowsAsync(Cancellation).Select(Verify).ToListAsync(Cancellation));

    [Fact]
    public Task Handles_corrupt_passengers_in_JSON() => TestCorruptFiles(PassengersInJson, MaximumJsonRows, async file =>
        await new PassengerJson(file, _now, _options).RowsAsync(Cancellation).Select(Verify).ToListAsync(Cancellation));

    [Fact]
    public Task Handles_corrupt_outcomes_in_CSV() => TestCorruptFiles(Outcomes, MaximumCsvRows, async file =>
        await (await OutcomeCsv.OpenAsync(file, _origin, _options, Cancellation)).RowsAsync(Cancellation).Select(Verify).ToListAsync(Cancellation));

    [Fact]
    public Task Handles_corrupt_outcomes_in_JSON() => TestCorruptFiles(OutcomesInJson, MaximumJsonRows, async file =>
        await new OutcomeJson(file, _origin, _options).RowsAsync(Cancellation).Select(Verify).ToListAsync(Cancellation));

    private static int MaximumCsvRows(byte[] file) => file.Count(character => character is (byte)'\n' or (byte)'\r');

    private static int MaximumJsonRows(byte[] file) => file.Count(character => character is (byte)',') + 1;

    private static async Task TestCorruptFiles(string text, Func<byte[], int> maximumRows, Func<Stream, Task<List<Row>>> read)
    {
        var random = new Random(1912);
        var (accepted, rejected, invalidFiles) = (0, 0, 0);
        for (var number = 0; number < Files; number++)
        {
            var file = Corrupt(Encoding.UTF8.GetBytes(text), random);
            using var whole = new MemoryStream(file);
            await using var chunks = new ChunkedStream(file, seed: number, maximumChunk: 40);

            var rows = await RowsOrNull(read, whole);

            Assert.Equal(rows, await RowsOrNull(read, chunks));
            if (rows is null)
            {
                invalidFiles++;
                continue;
            }
            Assert.InRange(rows.Count, 1, maximumRows(file));
            accepted += rows.Count(row => row.IsAccepted);
            rejected += rows.Count(row => !row.IsAccepted);
        }
        // Each of the three results must occur often enough.
        Assert.True(accepted > Files / 10 && rejected > Files / 20 && invalidFiles > Files / 10, $"{accepted} accepted, {rejected} rejected, {invalidFiles} invalid files");
    }

    /// <returns>Null if the whole file is rejected.</returns>
    private static async Task<List<Row>?> RowsOrNull(Func<Stream, Task<List<Row>>> read, Stream file)
    {
        try
        {
            return await read(file);
        }
        catch (PassengerFileException exception)
        {
            Assert.Contains("Hint:", exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(exception.Message, character => char.IsControl(character));
            return null;
        }
    }

    private static Row Verify(PassengerRow row)
    {
        if (row is RejectedRow rejected)
            return Verify(rejected.Line, rejected.Problems, rejected.Excerpt);
        var passenger = Assert.IsType<AcceptedRow>(row).Passenger;
        Assert.Matches(KeyPattern, passenger.SourceKey);
        Assert.InRange(passenger.Pclass, 1, 3);
        Assert.InRange(passenger.Name?.Length ?? 1, 1, 400);
        Assert.InRange(passenger.AgeInYears ?? 0, 0, 120);
        Assert.InRange(passenger.FareInPounds ?? 0, 0, 10_000);
        Assert.InRange(passenger.EventTime ?? _now, DateTimeOffset.MinValue, _now);
        return new Row(IsAccepted: true, row.ToString());
    }

    private static Row Verify(OutcomeRow row)
    {
        if (row is RejectedOutcome rejected)
            return Verify(rejected.Line, rejected.Problems, rejected.Excerpt);
        var outcome = Assert.IsType<AcceptedOutcome>(row);
        Assert.Matches(KeyPattern, outcome.SourceKey);
        Assert.Matches(@"\A[A-Za-z0-9._-]{1,100}\z", outcome.Source);
        Assert.InRange(outcome.KnownAt ?? _now, DateTimeOffset.MinValue, _now);
        return new Row(IsAccepted: true, row.ToString());
    }

    private static Row Verify(long line, IReadOnlyList<RowProblem> problems, string excerpt)
    {
        Assert.NotEmpty(problems);
        return new Row(IsAccepted: false, string.Create(CultureInfo.InvariantCulture, $"{line}: {string.Join(' ', problems.Select(problem => problem.Message))} {excerpt}"));
    }

    private static byte[] Corrupt(byte[] bytes, Random random)
    {
        var file = bytes.ToList();
        for (var times = random.Next(1, 4); times > 0 && file.Count > 1; times--)
        {
            var at = random.Next(file.Count);
            switch (random.Next(6))
            {
                case 0: file[at] = (byte)random.Next(256); break;
                case 1: file[at] = (byte)random.Next(' ', '~'); break;
                case 2: file.RemoveAt(at); break;
                case 3: file.Insert(at, file[random.Next(file.Count)]); break;
                case 4: file.RemoveRange(at, Math.Min(file.Count - at, random.Next(1, 40))); break;
                default: file.InsertRange(at, file.GetRange(at, Math.Min(file.Count - at, random.Next(1, 40)))); break;
            }
        }
        return random.Next(20) == 0 ? [.. file[..random.Next(1, file.Count + 1)]] : [.. file];
    }

    /// <summary>The result of a reader for one row, with value equality.</summary>
    private sealed record Row(bool IsAccepted, string Text);
}
