using System.Text;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class OutcomeReadingTests
{
    private static readonly DateTimeOffset _evening = new(2026, 11, 23, 17, 0, 0, TimeSpan.Zero);
    private static readonly OutcomeOrigin _origin = new("api", _evening);

    [Fact]
    public async Task Parses_the_same_outcomes_from_CSV_and_JSON()
    {
        var csv = await Csv("KnownAt,PassengerId,Survived,Source,Deck\n,007,1,,B\n2026-11-23T18:00+01:00,realistic-2026-11-23-1,0,synthetic,\n,7,1,upload,\n");
        var json = await Json("""[{"passengerId": 7, "survived": true}, {"passengerId": "realistic-2026-11-23-1", "survived": 0, "source": "synthetic", "knownAt": "2026-11-23T18:00+01:00"}, {"passengerId": "7", "survived": 1, "source": "upload"}]""");

        Assert.Equal(
            [new AcceptedOutcome(2, "api", "7", true, null), new AcceptedOutcome(3, "synthetic", "realistic-2026-11-23-1", false, _evening), new AcceptedOutcome(4, "upload", "7", true, null)],
            csv);
        Assert.Equal(csv.Select(row => row with { Line = row.Line - 1 }), json);
    }

    [Fact]
    public async Task Returns_all_problems_of_a_row_and_keeps_the_first_row_of_a_repeated_key()
    {
        var rows = await Csv("PassengerId,Survived,Source,KnownAt\n1,1,,\n1,0,,\n0,2,a b,yesterday\n,1\n");

        Assert.IsType<AcceptedOutcome>(rows[0]);
        Assert.Equal(PassengerRules.IdIsUnique, Assert.Single(Assert.IsType<RejectedOutcome>(rows[1]).Problems).Rule);
        Assert.Equal(
            [OutcomeRules.SourceIsValid, OutcomeRules.KeyIsValid, PassengerRules.SurvivedInSet, OutcomeRules.KnownAtIsInstant],
            Assert.IsType<RejectedOutcome>(rows[2]).Problems.Select(problem => problem.Rule));
        Assert.Equal(PassengerRules.RowIsWellFormed, Assert.Single(Assert.IsType<RejectedOutcome>(rows[3]).Problems).Rule);
    }

    [Fact]
    public async Task Keys_are_unique_per_source_with_an_explicit_or_a_default_source()
    {
        var rows = await Csv("PassengerId,Survived,Source\n7,1,\n007,0,api\n7,1,upload\nk-7,1,api\nk-7,0,\nK-7,0,\n");

        Assert.Equal([2, 4, 5, 7], rows.OfType<AcceptedOutcome>().Select(row => row.Line));
        Assert.All(rows.OfType<RejectedOutcome>(), row => Assert.Equal(PassengerRules.IdIsUnique, Assert.Single(row.Problems).Rule));
    }

    [Fact]
    public async Task Rejects_a_known_at_in_the_future_and_a_day_as_known_at()
    {
        var rows = await Csv("PassengerId,Survived,KnownAt\n1,1,2026-11-23T17:00:00Z\n2,9,2026-11-23T17:00:00.001Z\n3,1,2026-11-23\n");

        Assert.Equal(_evening, Assert.IsType<AcceptedOutcome>(rows[0]).KnownAt);
        Assert.Equal(
            ["The outcome is \"9\"; it must be 0 or 1.", "The known-at time is \"2026-11-23T17:00:00.001Z\"; it must not be after now, 2026-11-23T17:00:00.000Z."],
            Assert.IsType<RejectedOutcome>(rows[1]).Problems.Select(problem => problem.Message));
        Assert.Equal(OutcomeRules.KnownAtIsInstant, Assert.Single(Assert.IsType<RejectedOutcome>(rows[2]).Problems).Rule);
    }

    [Theory]
    [InlineData("null", "row_is_well_formed")]
    [InlineData("""{"survived": 1}""", "passenger_key_is_plain")]
    [InlineData("""{"passengerId": 0, "survived": 1}""", "passenger_key_is_plain")]
    [InlineData("""{"passengerId": "00", "survived": 1}""", "passenger_key_is_plain")]
    [InlineData("""{"passengerId": "../7", "survived": 1}""", "passenger_key_is_plain")]
    [InlineData("""{"passengerId": 7}""", "survived_in_set")]
    [InlineData("""{"passengerId": 7, "survived": null}""", "survived_in_set")]
    [InlineData("""{"passengerId": 7, "survived": "2"}""", "survived_in_set")]
    [InlineData("""{"passengerId": 7, "survived": 1, "SURVIVED": 0}""", "row_is_well_formed")]
    [InlineData("""{"passengerId": 7, "survived": 1, "source": 5}""", "row_is_well_formed")]
    [InlineData("""{"passengerId": 7, "survived": 1, "source": "a\u0000"}""", "row_is_well_formed,source_is_plain")]
    [InlineData("""{"passengerId": 7, "survived": 1, "knownAt": 1732400000}""", "row_is_well_formed,known_at_is_instant")]
    public async Task Rejects_an_element_that_breaks_a_rule(string element, string rules)
    {
        var row = Assert.IsType<RejectedOutcome>(Assert.Single(await Json($"[{element}]")));

        Assert.Equal(rules, string.Join(',', row.Problems.Select(problem => problem.Rule.Name)));
    }

    [Theory]
    [InlineData("", "The file is empty")]
    [InlineData("PassengerId,Survived\n", "The file has a header and no outcome")]
    [InlineData("PassengerId|Survived\n1|1\n", "Line 1: the columns are separated by \"|\"; they must be separated by \",\", \";\" or TAB. Required columns: PassengerId, Survived.")]
    [InlineData("PassengerId\n1\n", "Line 1: the header \"PassengerId\" has no column for outcome; columns are found by name: Survived (or alive, survival). Hint: rename the column, or specify columns as survived:NAME.")]
    public async Task Rejects_a_file_with_another_header(string file, string message)
    {
        var exception = await Assert.ThrowsAsync<PassengerFileException>(() => Csv(file));

        Assert.StartsWith(message, exception.Message, StringComparison.Ordinal);
    }

    private static async Task<List<OutcomeRow>> Csv(string text)
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var csv = await OutcomeCsv.OpenAsync(file, _origin, new PassengersOptions(), TestContext.Current.CancellationToken);
        return await csv.RowsAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<List<OutcomeRow>> Json(string text)
    {
        using var body = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await new OutcomeJson(body, _origin, new PassengersOptions()).RowsAsync(TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);
    }
}
