using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Access;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Benchmarks;

/// <summary>
/// Reading everything in the store as a training dataset, beside the one GROUP BY that it cannot do without. Both are asked in turns,
/// so that whatever else the machine does falls on both.
/// </summary>
internal static class DatasetFigures
{
    private const string Plain =
        """
        select p.titanic_binned_v1, o.survived, count(*)
        from passengers p join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null
        where p.superseded_by is null
        group by p.titanic_binned_v1, o.survived
        """;

    /// <param name="postgres">A store whose rows are to be measured; a million of them for the figure to mean what it says.</param>
    public static async Task Measure(NpgsqlDataSource postgres, bool isQuick)
    {
        await using var db = new TitanicDb(new DbContextOptionsBuilder<TitanicDb>().UseNpgsql(postgres).UseSnakeCaseNamingConvention().Options);
        var datasets = new TrainingDatasets(db, postgres, new AuditLog(db, TimeProvider.System), TimeProvider.System);
        var everything = new TrainingDatasetDefinition(
            TrainingViews.Binned, await db.Commits.MaxAsync(commit => commit.CommitId), new DateTimeOffset(9999, 1, 1, 0, 0, 0, TimeSpan.Zero), PassengerSources.All);

        var runs = isQuick ? 3 : 9;
        var (plain, points) = (new List<double>(), new List<double>());
        for (var run = 0; run <= runs; run++)
        {
            var (plainTime, pointsTime) = (await Milliseconds(() => GroupBy(postgres)), await Milliseconds(() => datasets.ReadPoints(everything, CancellationToken.None)));
            if (run == 0)
                continue; // to warm up
            plain.Add(plainTime);
            points.Add(pointsTime);
        }
        Figure.AtMost("dataset-points-over-plain-group-by", Figure.Median(points) / Figure.Median(plain), "times", 2);
    }

    private static async Task GroupBy(NpgsqlDataSource postgres)
    {
        await using var command = postgres.CreateCommand(Plain);
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
