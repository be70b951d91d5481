using System.Diagnostics;
using System.Globalization;
using Titanic.Web.FeatureStore;

namespace Titanic.Benchmarks;

/// <summary>
/// Kills the product's process with SIGKILL at random times during a registration: a version must be stored completely or not at all.
/// </summary>
internal static class KilledRegistrationBenchmark
{
    private const int Seed = 1912;

    /// <summary>
    /// Triggers add a pause after every statement of a registration, so that a random time can fall between any two statements.
    /// </summary>
    public static async Task Measure(BenchmarkServer server, int kills)
    {
        await using var database = await server.CreateDatabase();
        await using (await BenchmarkProduct.Start(database))
        {
            // trains version 1, the champion
        }
        await database.Execute("create function pause() returns trigger language plpgsql as $$ begin perform pg_sleep(0.1); return null; end $$");
        foreach (var table in (string[])["training_datasets", "model_versions", "alias_assignments", "access.audit_log"])
            await database.Execute($"create trigger pause after insert or update on {table} for each statement execute function pause()");
        var random = new Random(Seed);
        var (clean, versions) = (0, 1);
        for (var kill = 0; kill < kills; kill++)
        {
            using (var training = Training(database, k: 8 + versions))
            {
                while (await database.Scalar<long>(RunningRegistrationsSql) == 0 && !training.HasExited)
                    await Task.Delay(5);
                await Task.Delay((int)(800 * random.NextDouble()));
                training.Kill(); // SIGKILL on Unix
                await training.WaitForExitAsync();
            }
            while (await database.Scalar<long>(RunningRegistrationsSql) > 0)
                await Task.Delay(10);
            var now = (int)await database.Scalar<long>("select count(*) from model_versions");
            clean += await database.Scalar<bool>(IsConsistentSql) && now - versions is 0 or 1 ? 1 : 0;
            versions = now;
        }
        Console.WriteLine($"# {kills} kills, {versions - 1} after the commit");
        BenchmarkResult.AtLeast("registry-killed-registrations-whole-or-not-at-all", clean, $"of-{kills}", kills);
    }

    private const string RunningRegistrationsSql =
        """
        select count(*) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
        and (classid::bigint << 32 | objid::bigint) = hashtextextended('titanic_registry', 0)
        """;

    /// <summary>
    /// Whether version numbers have no gaps, every training dataset belongs to a version, and the champion alias was assigned to every
    /// promoted version.
    /// </summary>
    private const string IsConsistentSql =
        """
        select (select coalesce(max(version), 0) = count(*) from model_versions)
           and not exists (select from training_datasets d where not exists (select from model_versions v where v.training_dataset_id = d.training_dataset_id))
           and (select count(*) = 1 from alias_assignments where alias = 'champion' and ended_at is null)
           and not exists (select from model_versions v where gate ->> 'verdict' = 'PROMOTE' and not exists (select from alias_assignments a where a.alias = 'champion' and a.version = v.version))
        """;

    private static Process Training(BenchmarkDatabase database, int k) => Process.Start(new ProcessStartInfo(
        "dotnet", [typeof(Ingestion).Assembly.Location, "run", "training", "--date", "2026-02-28"])
    {
        Environment =
        {
            ["ConnectionStrings__Titanic"] = database.ConnectionString, ["Training__Selection__Enabled"] = "false", ["Training__Challengers__Repeats"] = "0",
            ["Training__K"] = k.ToString(CultureInfo.InvariantCulture), ["Logging__LogLevel__Default"] = "None",
        },
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
