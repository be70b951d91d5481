using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.FeatureStore;

public sealed class AsOfTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    [Theory]
    [InlineData("1", 1, "2026-03-01T10:00:00.000001Z")]
    [InlineData(" 2 ", 2, "2026-03-01T12:00:00.000001Z")]
    [InlineData("2026-03-01", 2, "2026-03-02T00:00:00Z")]
    [InlineData("2026-03-02", 3, "2026-03-03T00:00:00Z")]
    [InlineData("2030-01-01", 4, "2030-01-02T00:00:00Z")]
    [InlineData("2026-03-01T10:00:00Z", 1, "2026-03-01T10:00:00.000001Z")]
    [InlineData("2026-03-01T11:59:59.9999999Z", 1, "2026-03-01T12:00:00Z")]
    [InlineData("2026-03-01T12:00Z", 2, "2026-03-01T12:00:00.000001Z")]
    [InlineData("2026-03-01T13:00:00+01:00", 2, "2026-03-01T12:00:00.000001Z")]
    [InlineData("2026-03-01T12:59:59+01:00", 1, "2026-03-01T11:59:59.000001Z")]
    [InlineData("2026-03-01T13:00:00 01:00", 2, "2026-03-01T12:00:00.000001Z")]
    [InlineData("2026-03-01T05:00:00-05:00", 1, "2026-03-01T10:00:00.000001Z")]
    [InlineData("", 4, "2026-03-03T00:00:00.000001Z")]
    [InlineData(null, 4, "2026-03-03T00:00:00.000001Z")]
    public async Task Resolves_a_commit_a_day_or_an_instant(string? text, long commit, string knownBefore)
    {
        await CommitAt("2026-03-01T10:00:00Z", "2026-03-01T12:00:00Z", "2026-03-02T08:00:00Z", "2026-03-03T00:00:00Z");

        var asOf = await Resolve(text);

        Assert.Equal((commit, DateTimeOffset.Parse(knownBefore, System.Globalization.CultureInfo.InvariantCulture)), (asOf.CommitId, asOf.KnownBefore));
    }

    [Theory]
    [InlineData("3", "There is no commit 3; commits go from 1 (2026-03-01T10:00:00Z) to 2 (2026-03-01T12:00:00Z).")]
    [InlineData("0", "There is no commit 0; commits go from 1 (2026-03-01T10:00:00Z) to 2 (2026-03-01T12:00:00Z).")]
    [InlineData("2026-02-28", "There is no commit as early as 2026-02-28; commits go from 1 (2026-03-01T10:00:00Z) to 2 (2026-03-01T12:00:00Z).")]
    [InlineData("2026-03-01T09:59:59Z", "There is no commit as early as 2026-03-01T09:59:59Z; commits go from 1 (2026-03-01T10:00:00Z) to 2 (2026-03-01T12:00:00Z).")]
    public async Task Rejects_a_point_without_a_commit_and_lists_the_range_of_commits(string text, string message)
    {
        await CommitAt("2026-03-01T10:00:00Z", "2026-03-01T12:00:00Z");

        Assert.Equal(message, (await Assert.ThrowsAsync<UnknownAsOfException>(() => Resolve(text))).Message);
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData("99999999999999999999")]
    [InlineData("2026-13-01")]
    [InlineData("01.03.2026")]
    [InlineData("2026-03-01T10:00:00")]
    [InlineData("2026-03-01T10:00")]
    [InlineData("9999-12-31")]
    [InlineData("9999-12-31T23:59:59.9999999Z")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    public async Task Rejects_other_formats_with_the_allowed_formats(string text) =>
        Assert.Equal(
            $"The point in time is \"{text}\"; it must be a commit such as 17, a date such as 2026-11-23, or an instant with an offset, such as 2026-11-23T18:00:00Z or 2026-11-23T19:00:00+01:00.",
            (await Assert.ThrowsAsync<UnknownAsOfException>(() => Resolve(text))).Message);

    [Fact]
    public async Task Rejects_any_point_of_an_empty_store()
    {
        Assert.Equal(
            "There is no commit; the store is empty.", (await Assert.ThrowsAsync<UnknownAsOfException>(() => Resolve(null))).Message);
        Assert.Equal(
            "There is no commit 1; the store is empty.", (await Assert.ThrowsAsync<UnknownAsOfException>(() => Resolve("1"))).Message);
    }

    private async Task CommitAt(params string[] instants)
    {
        foreach (var (number, instant) in instants.Index())
        {
            Workflow.Clock.SetUtcNow(DateTimeOffset.Parse(instant, System.Globalization.CultureInfo.InvariantCulture));
            await Workflow.Ingest(PassengerSources.Upload, TestWorkflow.FirstDay, new Passenger($"{number}", null, 1, Sex.Male, null, null, true));
        }
    }

    private Task<AsOf> Resolve(string? text) => Workflow.Query(db => AsOf.Resolve(db, text, TestContext.Current.CancellationToken));
}
