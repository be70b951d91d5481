using System.Runtime.CompilerServices;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.FeatureStore;

/// <summary>Readers as of a commit rely on it: once a commit is visible, none with a lower id appears any more.</summary>
public sealed class ParallelIngestionTests(TestPostgres postgres)
{
    private const int Writers = 8;
    private const int CommitsPerWriter = 5;
    private const int PassengersPerCommit = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commit_ids_come_in_the_order_in_which_commits_become_visible_and_no_row_is_lost()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        using var done = new CancellationTokenSource();
        var watcher = Watch(workflow, done.Token);

        await Task.WhenAll(Enumerable.Range(1, Writers).Select(writer => Task.Run(async () =>
        {
            for (var commit = 1; commit <= CommitsPerWriter; commit++)
                await workflow.Ingest(PassengerSources.Upload, TestWorkflow.FirstDay, [.. People(writer, commit)]);
        }, Cancellation)));

        await done.CancelAsync();
        var sightings = await watcher;
        for (var look = 1; look < sightings.Count; look++)
        {
            var newest = sightings[look - 1].LastOrDefault();
            Assert.All(sightings[look].Except(sightings[look - 1]), id => Assert.True(id > newest, $"Commit {id} appeared after {newest} had been seen."));
        }
        Assert.Equal(Writers * CommitsPerWriter, sightings[^1].Length);
        Assert.Equal(Writers * CommitsPerWriter * PassengersPerCommit, await workflow.Count("passengers", "superseded_by is null"));
        Assert.Equal(Writers * CommitsPerWriter * PassengersPerCommit, await workflow.Count("outcomes"));
        Assert.Equal(Writers * CommitsPerWriter * PassengersPerCommit, await workflow.Scalar<long>("select sum(rows_inserted) from commits"));
    }

    [Fact]
    public async Task Who_begins_first_and_ends_last_has_the_higher_commit_id()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        var (reading, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var slow = workflow.Ingest(new PassengerBatch(
            PassengerSources.Upload, "a slow file", FeatureReader.StartOf(TestWorkflow.FirstDay), FeatureReader.StartOf(TestWorkflow.FirstDay),
            SlowRows(reading, goOn.Task, Cancellation), () => []));
        await reading.Task.WaitAsync(Cancellation);

        var quick = await workflow.Ingest(PassengerSources.Upload, TestWorkflow.FirstDay, [.. People(2, 1)]);
        goOn.SetResult();

        Assert.True((await slow).CommitId > quick.CommitId);
    }

    /// <summary>All writers send the same people at once: one inserts them, the others find them unchanged.</summary>
    [Fact]
    public async Task The_same_rows_from_many_writers_come_in_once()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);

        var results = await Task.WhenAll(Enumerable.Range(1, Writers).Select(_ =>
            Task.Run(() => workflow.Ingest(PassengerSources.Upload, TestWorkflow.FirstDay, [.. People(1, 1)]), Cancellation)));

        Assert.Single(results, result => result is { Inserted: PassengersPerCommit, CommitId: not null });
        Assert.Equal(Writers - 1, results.Count(result => result is { Unchanged: PassengersPerCommit, CommitId: null }));
    }

    private static async Task<List<long[]>> Watch(TestWorkflow workflow, CancellationToken done)
    {
        var sightings = new List<long[]>();
        bool isLast;
        do
        {
            isLast = done.IsCancellationRequested;
            sightings.Add(await workflow.Scalar<long[]>("select coalesce(array_agg(commit_id order by commit_id), '{}') from commits"));
        }
        while (!isLast);
        return sightings;
    }

    private static IEnumerable<Passenger> People(int writer, int commit) => Enumerable.Range(1, PassengersPerCommit)
        .Select(number => new Passenger($"{writer}-{commit}-{number}", null, 1 + number % 3, Sex.Female, number, number, number % 2 == 0));

    private static async IAsyncEnumerable<PassengerRow> SlowRows(TaskCompletionSource reading, Task goOn, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var (index, passenger) in People(1, 1).Index())
        {
            reading.TrySetResult();
            await goOn.WaitAsync(cancellation);
            yield return new AcceptedRow(index + 1, passenger);
        }
    }
}
