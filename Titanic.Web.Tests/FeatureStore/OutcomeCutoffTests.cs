using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using static Titanic.Web.Tests.FeatureStore.TrainingDatasetHelpers;

namespace Titanic.Web.Tests.FeatureStore;

/// <summary>A training dataset contains the newest outcome that was stored by its commit and known before its label cutoff.</summary>
public sealed class OutcomeCutoffTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;
    private static readonly Passenger Anna = new("a", "Anna", 1, Sex.Female, 30, 80, true);
    private static readonly Passenger Bert = new("b", "Bert", 3, Sex.Male, null, null, false);

    [Fact]
    public async Task Excludes_outcomes_known_at_or_after_the_cutoff()
    {
        await Workflow.Ingest(PassengerSources.Synthetic, Day, Bert);
        await Workflow.Ingest(PassengerSources.Synthetic, Day, Anna with { Survived = null });
        await Workflow.Ingest(PassengerSources.Synthetic, Day, Day.AddDays(5), Anna);

        Assert.Equal("b died", await Labels(asOf: 2, knownBefore: 9));
        Assert.Equal("b died", await Labels(asOf: 3, knownBefore: 5));
        Assert.Equal("a survived, b died", await Labels(asOf: 3, knownBefore: 6));
    }

    [Fact]
    public async Task Uses_the_previous_outcome_before_a_correction_was_known()
    {
        await Correct((Known: 0, Survived: false), (Known: 5, Survived: true));

        Assert.Equal("a died", await Labels(asOf: 1, knownBefore: 9));
        Assert.Equal("a died", await Labels(asOf: 2, knownBefore: 1));
        Assert.Equal("a died", await Labels(asOf: 2, knownBefore: 5));
        Assert.Equal("a survived", await Labels(asOf: 2, knownBefore: 6));
        Assert.Equal("", await Labels(asOf: 2, knownBefore: 0));
    }

    [Fact]
    public async Task Uses_the_newest_known_of_two_corrections()
    {
        await Correct((Known: 0, Survived: true), (Known: 3, Survived: false), (Known: 6, Survived: true));

        Assert.Equal("a survived", await Labels(asOf: 3, knownBefore: 3));
        Assert.Equal("a died", await Labels(asOf: 3, knownBefore: 4));
        Assert.Equal("a died", await Labels(asOf: 3, knownBefore: 6));
        Assert.Equal("a survived", await Labels(asOf: 3, knownBefore: 7));
        Assert.Equal("a died", await Labels(asOf: 2, knownBefore: 7));
        Assert.Equal("a survived", await Labels(asOf: 1, knownBefore: 7));
    }

    /// <summary>A source can send a correction with an earlier known-at time than the corrected outcome.</summary>
    [Fact]
    public async Task Uses_a_correction_from_its_earlier_known_at_time()
    {
        await Correct((Known: 4, Survived: false), (Known: 1, Survived: true));

        Assert.Equal("", await Labels(asOf: 1, knownBefore: 3));
        Assert.Equal("a survived", await Labels(asOf: 2, knownBefore: 3));
        Assert.Equal("a survived", await Labels(asOf: 2, knownBefore: 9));
        Assert.Equal("a died", await Labels(asOf: 1, knownBefore: 9));
    }

    /// <summary>New or corrected outcomes in a historical file that is imported again are known from the import on.</summary>
    [Fact]
    public async Task Outcomes_of_a_reimported_historical_file_are_known_from_the_import_on()
    {
        await Import(knownOn: 3, Anna with { Survived = false }, Bert with { Survived = null });
        await Import(knownOn: 6, Anna, Bert);

        Assert.Equal("a died", await Labels(asOf: 1, knownBefore: 1));
        Assert.Equal("a died", await Labels(asOf: 2, knownBefore: 1));
        Assert.Equal("a died", await Labels(asOf: 2, knownBefore: 6));
        Assert.Equal("a survived, b died", await Labels(asOf: 2, knownBefore: 7));

        Task Import(int knownOn, params IReadOnlyList<Passenger> passengers)
        {
            var list = PassengerBatch.FromPassengers(PassengerSources.Upload, "a list", FeatureReader.StartOf(Day), FeatureReader.StartOf(Day), passengers);
            return Workflow.Ingest(list with { CorrectionsKnownAt = FeatureReader.StartOf(Day.AddDays(knownOn)) });
        }
    }

    /// <summary>The correction in the middle has the latest known-at time; it must not be used before.</summary>
    [Fact]
    public async Task Skips_a_correction_that_is_known_later_than_the_next_one()
    {
        await Correct((Known: 0, Survived: true), (Known: 8, Survived: false), (Known: 2, Survived: true));

        Assert.Equal("a survived", await Labels(asOf: 2, knownBefore: 5));
        Assert.Equal("a died", await Labels(asOf: 2, knownBefore: 9));
        Assert.Equal("a survived", await Labels(asOf: 3, knownBefore: 9));
    }

    [Fact]
    public async Task Excludes_deleted_passengers_from_the_deletion_on()
    {
        await Correct((Known: 0, Survived: false), (Known: 5, Survived: true));
        await Delete("a");

        Assert.Equal("a survived", await Labels(asOf: 2, knownBefore: 9));
        Assert.Equal("a died", await Labels(asOf: 2, knownBefore: 3));
        Assert.Equal("", await Labels(asOf: 3, knownBefore: 9));
        Assert.Equal("", await Labels(asOf: 3, knownBefore: 3));
    }

    /// <summary>A copy of a person whose first row is before the first event time is the person's row in the dataset.</summary>
    [Fact]
    public async Task Excludes_passengers_before_the_first_event_time()
    {
        await Workflow.Ingest(PassengerSources.Synthetic, Day, Anna, Bert);
        await Workflow.Ingest(PassengerSources.Api, Day.AddDays(2), Anna with { SourceKey = "copy" }, Bert with { SourceKey = "c", Name = "Carl" });
        var all = Definition(2, Day.AddDays(9));

        Assert.Equal("c died, a survived, b died", await Labels(all));
        Assert.Equal("c died, a survived, b died", await Labels(all with { EventTimeFrom = FeatureReader.StartOf(Day) }));
        Assert.Equal("c died, copy survived", await Labels(all with { EventTimeFrom = FeatureReader.StartOf(Day).AddMicroseconds(1) }));
        Assert.Equal("c died, copy survived", await Labels(all with { EventTimeFrom = FeatureReader.StartOf(Day.AddDays(2)) }));
        Assert.Equal("", await Labels(all with { EventTimeFrom = FeatureReader.StartOf(Day.AddDays(2)).AddMicroseconds(1) }));
    }

    [Fact]
    public async Task Weighted_points_use_the_same_outcomes()
    {
        await Workflow.Ingest(PassengerSources.Upload, Day, Bert);
        await Correct((Known: 0, Survived: false), (Known: 3, Survived: true), (Known: 6, Survived: false));

        foreach (var (asOf, knownBefore) in from asOf in Enumerable.Range(1, 4) from knownBefore in Enumerable.Range(1, 8) select (asOf, knownBefore))
        {
            var definition = Definition(asOf, Day.AddDays(knownBefore));
            Assert.Equal(Weighted(await Workflow.Rows(definition)), Weighted(await Workflow.Points(definition)));
        }
    }

    /// <summary>Ingests versions of Anna's outcome, one commit each, with their known-at time in days after the first day.</summary>
    private async Task Correct(params (int Known, bool Survived)[] versions)
    {
        foreach (var (known, survived) in versions)
            await Workflow.Ingest(PassengerSources.Upload, Day, Day.AddDays(known), Anna with { Survived = survived });
    }

    /// <summary>Writes a deletion with SQL: a commit that supersedes a passenger and its outcome without successors.</summary>
    private Task Delete(string key) => Workflow.Execute(
        $"""
        with deletion as (
            insert into commits (committed_at, source, description, rows_inserted, rows_updated, rows_deleted, rows_rejected, rows_unchanged, outcomes_recorded, code_version)
            values (now(), 'upload', 'a deletion', 0, 0, 1, 0, 0, 0, 'test') returning commit_id),
        ended as (
            update passengers p set superseded_by = deletion.commit_id from deletion where p.source_key = '{key}' and p.superseded_by is null returning p.passenger_id)
        update outcomes o set superseded_by = deletion.commit_id from deletion, ended where o.passenger_id = ended.passenger_id and o.superseded_by is null
        """);

    private Task<string> Labels(long asOf, int knownBefore) => Labels(Definition(asOf, Day.AddDays(knownBefore)));

    private async Task<string> Labels(TrainingDatasetDefinition definition) => string.Join(", ",
        (await Workflow.Rows(definition)).Select(row => $"{row.SourceKey} {(row.Survived ? "survived" : "died")}"));
}
