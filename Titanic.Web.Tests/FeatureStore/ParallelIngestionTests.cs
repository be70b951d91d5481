using System.Runtime.CompilerServices;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.FeatureStore;

/// <summary>Reads as of a commit require that no commit with a lower id becomes visible after it.</summary>
public sealed class ParallelIngestionTests(TestPostgres postgres)
{
    private const int Writers = 8;
    private const int CommitsPerWriter = 5;
    private const int PassengersPerCommit = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commits_become_visible_in_the_order_of_their_ids()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        using var done = new CancellationTokenSource();
        var watcher = Watch(workflow, done.Token);

        await Task.WhenAll(Enumerable.Range(1, Writers).Select(writer => Task.Run(async () =>
        {
            for (var commit = 1; commit <= CommitsPerWriter; commit++)
                await workflow.Ingest(PassengerSources.Upload, TestWorkflow.FirstDay, [.. CreatePassengers(writer, commit)]);
        }, Cancellation)));

        await done.CancelAsync();
        var snapshots = await watcher;
        for (var index = 1; index < snapshots.Count; index++)
        {
            var newest = snapshots[index - 1].LastOrDefault();
            Assert.All(snapshots[index].Except(snapshots[index - 1]), id => Assert.True(id > newest, $"Commit {id} became visible after commit {newest}."));
        }
        Assert.Equal(Writers * CommitsPerWriter, snapshots[^1].Length);
        Assert.Equal(Writers * CommitsPerWriter * PassengersPerCommit, await workflow.Count("passengers", "superseded_by is null"));
        Assert.Equal(Writers * CommitsPerWriter * PassengersPerCommit, await workflow.Count("outcomes"));
        Assert.Equal(Writers * CommitsPerWriter * PassengersPerCommit, await workflow.Scalar<long>("select sum(rows_inserted) from commits"));
    }

    [Fact]
    public async Task A_slow_ingestion_gets_its_commit_id_at_the_end()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);
        var (started, resume) = (new TaskCompletionSource(), new TaskCompletionSource());
        var slow = workflow.Ingest(new PassengerBatch(
            PassengerSources.Upload, "a slow file", FeatureReader.StartOf(TestWorkflow.FirstDay), FeatureReader.StartOf(TestWorkflow.FirstDay),
            SlowRows(started, resume.Task, Cancellation), () => []));
        await started.Task.WaitAsync(Cancellation);

        var quick = await workflow.Ingest(PassengerSources.Upload, TestWorkflow.FirstDay, [.. CreatePassengers(2, 1)]);
        resume.SetResult();

        Assert.True((await slow).CommitId > quick.CommitId);
    }

    /// <summary>All writers ingest the same passengers in parallel: one inserts them, for the others they are unchanged.</summary>
    [Fact]
    public async Task Parallel_ingestions_of_the_same_rows_insert_them_once()
    {
        await using var database = await postgres.CreateDatabase();
        await using var workflow = new TestWorkflow(database);

        var results = await Task.WhenAll(Enumerable.Range(1, Writers).Select(_ =>
            Task.Run(() => workflow.Ingest(PassengerSources.Upload, TestWorkflow.FirstDay, [.. CreatePassengers(1, 1)]), Cancellation)));

        Assert.Single(results, result => result is { Inserted: PassengersPerCommit, CommitId: not null });
        Assert.Equal(Writers - 1, results.Count(result => result is { Unchanged: PassengersPerCommit, CommitId: null }));
    }

    private static async Task<List<long[]>> Watch(TestWorkflow workflow, CancellationToken done)
    {
        var snapshots = new List<long[]>();
        bool isLast;
        do
        {
            isLast = done.IsCancellationRequested;
            snapshots.Add(await workflow.Scalar<long[]>("select coalesce(array_agg(commit_id order by commit_id), '{}') from commits"));
        }
        while (!isLast);
        return snapshots;
    }

    private static IEnumerable<Passenger> CreatePassengers(int writer, int commit) => Enumerable.Range(1, PassengersPerCommit)
        .Select(number => new Passenger($"{writer}-{commit}-{number}", null, 1 + number % 3, Sex.Female, number, number, number % 2 == 0));

    private static async IAsyncEnumerable<PassengerRow> SlowRows(TaskCompletionSource started, Task resume, [EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (var (index, passenger) in CreatePassengers(1, 1).Index())
        {
            started.TrySetResult();
            await resume.WaitAsync(cancellation);
            yield return new AcceptedRow(index + 1, passenger);
        }
    }
}
