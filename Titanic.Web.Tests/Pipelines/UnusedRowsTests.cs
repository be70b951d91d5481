using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Which current rows a training run did not use, and why.</summary>
public sealed class UnusedRowsTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    private static readonly DateOnly Day = TestWorkflow.FirstDay;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Workflow.Clock.MoveTo(Day);
    }

    [Fact]
    public async Task Uses_all_rows_of_the_first_list()
    {
        var run = await Train();

        Assert.EndsWith("with the same hyperparameters.", run.Summary, StringComparison.Ordinal);
        Assert.Equal(new() { ["unused"] = 0 }, run.Counts);
    }

    [Fact]
    public async Task Passengers_without_a_prediction_hold_back_later_rows()
    {
        await Workflow.Ingest(PassengerSources.Api, Day, Passengers("a", 3));
        await Workflow.Ingest(PassengerSources.Upload, Day, Passengers("u", 2));

        var before = await Train();
        await Workflow.Run(PipelineNames.Inference, Day);
        var after = await Train();

        Assert.Equal(
            "Nothing to train: version 1 was trained on the same 1,309 rows with the same hyperparameters. "
            + "5 newer rows not used: 3 passengers await a prediction, 2 rows are held back because 3 earlier passengers await a prediction.",
            before.Summary);
        Assert.Equal(new() { ["unused"] = 5, ["awaitingPrediction"] = 3, ["heldBack"] = 2, ["waitedFor"] = 3 }, before.Counts);
        Assert.EndsWith($". {UnusedRows.Of(before)}", before.Summary, StringComparison.Ordinal);
        Assert.StartsWith("Version 2 was trained on 1,314 rows", after.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain("not used", after.Summary, StringComparison.Ordinal);
        Assert.Equal((0L, 1_314L), (after.Counts["unused"], after.Counts["rows"]));
    }

    [Fact]
    public async Task Passengers_without_an_outcome_are_not_used()
    {
        await Workflow.Ingest(PassengerSources.Api, Day, [.. Passengers("a", 2).Select(passenger => passenger with { Survived = null })]);
        await Workflow.Ingest(PassengerSources.Upload, Day, [.. Passengers("u", 1).Select(passenger => passenger with { Survived = null })]);

        var before = await Train();
        await Workflow.Run(PipelineNames.Inference, Day);
        var after = await Train();

        Assert.EndsWith("3 newer rows not used: 2 passengers await a prediction, 1 outcome is not known yet.", before.Summary, StringComparison.Ordinal);
        Assert.EndsWith("3 newer rows not used: 3 outcomes are not known yet.", after.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outcomes_after_the_label_cutoff_are_not_used()
    {
        await Workflow.Ingest(PassengerSources.Upload, Day, Day.AddDays(1), Passengers("u", 2));

        var run = await Train();
        var nextDay = await Train(Day.AddDays(1));

        Assert.EndsWith(
            "2 newer rows not used: 2 outcomes became known at or after the label cutoff.", run.Summary, StringComparison.Ordinal);
        Assert.Equal((0L, 1_311L), (nextDay.Counts["unused"], nextDay.Counts["rows"]));
    }

    [Fact]
    public async Task Rows_after_the_requested_commit_are_not_used_whether_predicted_or_not()
    {
        await Workflow.Ingest(PassengerSources.Upload, Day, [.. Passengers("u", 2).Select(passenger => passenger with { Survived = null })]);
        await Workflow.Ingest(PassengerSources.Upload, Day, Passengers("u", 2)); // outcomes of stored rows
        await Workflow.Ingest(PassengerSources.Api, Day, Passengers("a", 1));

        Assert.EndsWith("3 newer rows not used: 3 rows were committed after the as-of commit.", (await Train(asOf: "2")).Summary, StringComparison.Ordinal);
        Assert.EndsWith("1 newer row not used: 1 row was committed after the as-of commit.", (await Train(asOf: "3")).Summary, StringComparison.Ordinal);
        Assert.EndsWith(
            "1 newer row not used: 1 passenger awaits a prediction.", (await Train(asOf: "4")).Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copies_of_persons_in_the_dataset_are_not_used()
    {
        var list = Workflow.GetRequired<BundledDataset>().Passengers.Take(2).Select(passenger => passenger with { SourceKey = $"copy {passenger.SourceKey}" });
        await Workflow.Ingest(PassengerSources.Upload, Day, [.. list]);

        Assert.EndsWith(". 2 copies not used.", (await Train()).Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_model_does_not_use_the_stream()
    {
        await Workflow.Ingest(PassengerSources.Api, Day, Passengers("a", 2));
        await Workflow.Execute("delete from alias_assignments");

        var run = await Train();

        Assert.EndsWith(
            "2 newer rows not used: 2 rows are from sources that the first model does not use.", run.Summary, StringComparison.Ordinal);
    }

    /// <summary>The dataset and the rows that are not used are all current rows, whatever the mixture.</summary>
    [Fact]
    public async Task Used_and_unused_rows_are_all_current_rows()
    {
        await Workflow.Ingest(PassengerSources.Upload, Day, Day.AddDays(1), Passengers("late", 1));
        await Workflow.Ingest(PassengerSources.Upload, Day, Passengers("u", 2));
        await Workflow.Ingest(PassengerSources.Api, Day, [.. Passengers("none", 4).Select(passenger => passenger with { Survived = null })]);
        await Workflow.Run(PipelineNames.Inference, Day);
        var copy = Workflow.GetRequired<BundledDataset>().Passengers[7] with { SourceKey = "copy" };
        await Workflow.Ingest(PassengerSources.Upload, Day, copy);
        await Workflow.Ingest(PassengerSources.Upload, Day, [.. Passengers("u", 2).Select(passenger => passenger with { FareInPounds = 11 })]);
        await Workflow.Ingest(PassengerSources.Api, Day, Passengers("a", 3));
        await Workflow.Ingest(PassengerSources.Upload, Day, [.. Passengers("u", 1).Select(passenger => passenger with { FareInPounds = 12 })]);

        var run = await Train();

        Assert.Equal(
            new() { ["unused"] = 10, ["awaitingPrediction"] = 3, ["heldBack"] = 1, ["outcomeUnknown"] = 4, ["knownAfterCutoff"] = 1, ["copies"] = 1, ["waitedFor"] = 3 },
            run.Counts.Where(count => count.Key is not ("rows" or "version" or "points")).ToDictionary());
        // The newest version of "u 0" is held back, and an earlier one of that passenger is in the dataset.
        Assert.Equal(await Workflow.Count("passengers", "superseded_by is null"), run.Counts["rows"] + run.Counts["unused"] - 1);
    }

    [Fact]
    public async Task Explains_the_rows_of_one_commit()
    {
        await Workflow.Ingest(PassengerSources.Api, Day, Passengers("a", 3));
        var result = await Workflow.Ingest(PassengerSources.Upload, Day, Passengers("u", 2));
        var known = await Workflow.Ingest(PassengerSources.Upload, Day, [.. Passengers("a", 0)]);

        var unused = await Workflow.InScope<UnusedRowsCache, UnusedRows>(rows => rows.FindNow(result.CommitId!.Value, Cancellation));
        var first = await Workflow.InScope<UnusedRowsCache, UnusedRows>(rows => rows.FindNow(1, Cancellation));

        Assert.Null(known.CommitId);
        Assert.Equal("2 newer rows not used: 2 rows are held back because 3 earlier passengers await a prediction.", unused.ToString());
        Assert.Equal("All rows are used.", first.ToString());
    }

    [Theory]
    [InlineData(1, "1 newer row not used: 1 passenger awaits a prediction.")]
    [InlineData(1_309, "1,309 newer rows not used: 1,309 passengers await a prediction.")]
    public void Counts_have_thousands_separators_and_a_plural(long rows, string sentence) =>
        Assert.Equal(
            sentence, new UnusedRows(new Dictionary<UnusedReason, long> { [UnusedReason.AwaitingPrediction] = rows }, rows).ToString());

    private static Passenger[] Passengers(string prefix, int count) =>
        [.. Enumerable.Range(0, count).Select(number => new Passenger($"{prefix} {number}", $"{prefix}, Miss. {number}", 1, Sex.Female, 20 + number, 70 + number, true))];

    private async Task<Run> Train(DateOnly? day = null, string? asOf = null)
    {
        var run = await Workflow.GetRequired<PipelineRunner>().Run(new RunRequest(PipelineNames.Training, day ?? Day, RunTrigger.CommandLine, AsOf: asOf), Cancellation);
        return await Workflow.StoredRun(run.RunId);
    }
}
