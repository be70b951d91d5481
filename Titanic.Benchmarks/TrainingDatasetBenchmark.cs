using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Benchmarks;

/// <summary>
/// Compares reading all rows of the feature store as a training dataset with the single GROUP BY query that this requires. Both are
/// measured alternately, so that other load on the machine affects both.
/// </summary>
internal static class TrainingDatasetBenchmark
{
    private const string GroupBySql =
        """
        select p.titanic_binned_v1, o.survived, count(*)
        from passengers p join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
        where p.superseded_by is null
        group by p.titanic_binned_v1, o.survived
        """;

    /// <param name="postgres">The feature store to measure; the goal applies to one million rows.</param>
    public static async Task Measure(NpgsqlDataSource postgres, bool isQuick)
    {
        await using var db = new TitanicDb(new DbContextOptionsBuilder<TitanicDb>().UseNpgsql(postgres).UseSnakeCaseNamingConvention().Options);
        var datasets = new TrainingDatasets(db, postgres, new AuditLog(db, TimeProvider.System), TimeProvider.System);
        var allRows = new TrainingDatasetDefinition(
            TrainingViews.Binned, await db.Commits.MaxAsync(commit => commit.CommitId), new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero), PassengerSources.All);

        var runs = isQuick ? 3 : 9;
        var (plain, points) = (new List<double>(), new List<double>());
        for (var run = 0; run <= runs; run++)
        {
            var (plainTime, pointsTime) = (await Milliseconds(() => GroupBy(postgres)), await Milliseconds(() => datasets.ReadPoints(allRows, CancellationToken.None)));
            if (run == 0)
                continue; // warm-up
            plain.Add(plainTime);
            points.Add(pointsTime);
        }
        BenchmarkResult.AtMost("dataset-points-over-plain-group-by", BenchmarkResult.Median(points) / BenchmarkResult.Median(plain), "times", 2);
    }

    private static async Task GroupBy(NpgsqlDataSource postgres)
    {
        await using var command = postgres.CreateCommand(GroupBySql);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            reader.GetInt64(2);
    }

    private static async Task<double> Milliseconds(Func<Task> action)
    {
        var start = Stopwatch.GetTimestamp();
        await action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
