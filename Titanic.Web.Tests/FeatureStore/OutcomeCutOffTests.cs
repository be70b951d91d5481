using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using static Titanic.Web.Tests.FeatureStore.DatasetReading;

namespace Titanic.Web.Tests.FeatureStore;

/// <summary>Which outcome a training dataset sees: the newest that was stored by its commit and known before its cut-off.</summary>
public sealed class OutcomeCutOffTests(TestPostgres postgres) : DatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;
    private static readonly Passenger Anna = new("a", "Anna", 1, Sex.Female, 30, 80, true);
    private static readonly Passenger Bert = new("b", "Bert", 3, Sex.Male, null, null, false);

    [Fact]
    public async Task An_outcome_learned_late_is_not_in_a_dataset_with_an_earlier_cut_off()
    {
        await Workflow.Ingest(PassengerSources.Synthetic, Day, Bert);
        await Workflow.Ingest(PassengerSources.Synthetic, Day, Anna with { Survived = null });
        await Workflow.Ingest(PassengerSources.Synthetic, Day, Day.AddDays(5), Anna);

        Assert.Equal("b died", await Labels(asOf: 2, knownBefore: 9));
        Assert.Equal("b died", await Labels(asOf: 3, knownBefore: 5));
        Assert.Equal("a survived, b died", await Labels(asOf: 3, knownBefore: 6));
    }

    [Fact]
    public async Task Before_a_correction_was_learned_the_outcome_before_it_counts()
    {
        await Correct((Known: 0, Survived: false), (Known: 5, Survived: true));

        Assert.Equal("a died", await Labels(asOf: 1, knownBefore: 9));
        Assert.Equal("a died", await Labels(asOf: 2, knownBefore: 1));
        Assert.Equal("a died", await Labels(asOf: 2, knownBefore: 5));
        Assert.Equal("a survived", await Labels(asOf: 2, knownBefore: 6));
        Assert.Equal("", await Labels(asOf: 2, knownBefore: 0));
    }

    [Fact]
    public async Task Of_two_corrections_the_newest_known_one_counts()
    {
        await Correct((Known: 0, Survived: true), (Known: 3, Survived: false), (Known: 6, Survived: true));

        Assert.Equal("a survived", await Labels(asOf: 3, knownBefore: 3));
        Assert.Equal("a died", await Labels(asOf: 3, knownBefore: 4));
        Assert.Equal("a died", await Labels(asOf: 3, knownBefore: 6));
        Assert.Equal("a survived", await Labels(asOf: 3, knownBefore: 7));
        Assert.Equal("a died", await Labels(asOf: 2, knownBefore: 7));
        Assert.Equal("a survived", await Labels(asOf: 1, knownBefore: 7));
    }

    /// <summary>A source may tell today that it had known better all along.</summary>
    [Fact]
    public async Task A_correction_that_was_known_earlier_than_what_it_corrects_counts_from_then()
    {
        await Correct((Known: 4, Survived: false), (Known: 1, Survived: true));

        Assert.Equal("", await Labels(asOf: 1, knownBefore: 3));
        Assert.Equal("a survived", await Labels(asOf: 2, knownBefore: 3));
        Assert.Equal("a survived", await Labels(asOf: 2, knownBefore: 9));
        Assert.Equal("a died", await Labels(asOf: 1, knownBefore: 9));
    }

    /// <summary>Whoever brings a list of history again with other outcomes, or with those that were missing, has learned them since.</summary>
    [Fact]
    public async Task What_a_list_of_history_corrects_or_tells_late_is_known_from_when_it_was_learned()
    {
        await Bring(learnedOn: 3, Anna with { Survived = false }, Bert with { Survived = null });
        await Bring(learnedOn: 6, Anna, Bert);

        Assert.Equal("a died", await Labels(asOf: 1, knownBefore: 1));
        Assert.Equal("a died", await Labels(asOf: 2, knownBefore: 1));
        Assert.Equal("a died", await Labels(asOf: 2, knownBefore: 6));
        Assert.Equal("a survived, b died", await Labels(asOf: 2, knownBefore: 7));

        Task Bring(int learnedOn, params IReadOnlyList<Passenger> passengers)
        {
            var list = PassengerBatch.Of(PassengerSources.Upload, "a list", FeatureReader.StartOf(Day), FeatureReader.StartOf(Day), passengers);
            return Workflow.Ingest(list with { LearnedAt = FeatureReader.StartOf(Day.AddDays(learnedOn)) });
        }
    }

    /// <summary>The one in the middle was known last: it never counts before its time, whatever came after it.</summary>
    [Fact]
    public async Task A_correction_from_the_future_between_two_others_is_passed_over()
    {
        await Correct((Known: 0, Survived: true), (Known: 8, Survived: false), (Known: 2, Survived: true));

        Assert.Equal("a survived", await Labels(asOf: 2, knownBefore: 5));
        Assert.Equal("a died", await Labels(asOf: 2, knownBefore: 9));
        Assert.Equal("a survived", await Labels(asOf: 3, knownBefore: 9));
    }

    [Fact]
    public async Task Whoever_was_deleted_is_gone_from_then_on_and_there_before()
    {
        await Correct((Known: 0, Survived: false), (Known: 5, Survived: true));
        await Delete("a");

        Assert.Equal("a survived", await Labels(asOf: 2, knownBefore: 9));
        Assert.Equal("a died", await Labels(asOf: 2, knownBefore: 3));
        Assert.Equal("", await Labels(asOf: 3, knownBefore: 9));
        Assert.Equal("", await Labels(asOf: 3, knownBefore: 3));
    }

    [Fact]
    public async Task Weighted_points_see_the_same_outcomes()
    {
        await Workflow.Ingest(PassengerSources.Upload, Day, Bert);
        await Correct((Known: 0, Survived: false), (Known: 3, Survived: true), (Known: 6, Survived: false));

        foreach (var (asOf, knownBefore) in from asOf in Enumerable.Range(1, 4) from knownBefore in Enumerable.Range(1, 8) select (asOf, knownBefore))
        {
            var definition = Definition(asOf, Day.AddDays(knownBefore));
            Assert.Equal(Weighted(await Workflow.Rows(definition)), Weighted(await Workflow.Points(definition)));
        }
    }

    /// <summary>Anna's outcome, told in one commit after another, known on days after the first.</summary>
    private async Task Correct(params (int Known, bool Survived)[] versions)
    {
        foreach (var (known, survived) in versions)
            await Workflow.Ingest(PassengerSources.Upload, Day, Day.AddDays(known), Anna with { Survived = survived });
    }

    /// <summary>What a deletion leaves: a commit that ends a passenger and their outcome, and begins nothing.</summary>
    private Task Delete(string key) => Workflow.Execute(
        $"""
        with deletion as (
            insert into commits (committed_at, source, description, rows_inserted, rows_updated, rows_deleted, rows_rejected, rows_unchanged, outcomes_recorded, code_version)
            values (now(), 'upload', 'a deletion', 0, 0, 1, 0, 0, 0, 'test') returning commit_id),
        ended as (
            update passengers p set superseded_by = deletion.commit_id from deletion where p.source_key = '{key}' and p.superseded_by is null returning p.passenger_id)
        update outcomes o set superseded_by = deletion.commit_id from deletion, ended where o.passenger_id = ended.passenger_id and o.superseded_by is null
        """);

    private async Task<string> Labels(long asOf, int knownBefore) => string.Join(", ",
        (await Workflow.Rows(Definition(asOf, Day.AddDays(knownBefore)))).Select(row => $"{row.SourceKey} {(row.Survived ? "survived" : "died")}"));
}
