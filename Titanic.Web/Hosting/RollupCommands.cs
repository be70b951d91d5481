using System.CommandLine;
using Titanic.Web.Monitoring.Rollups;

namespace Titanic.Web.Hosting;

/// <summary>The command that verifies the roll-ups of the dashboard.</summary>
internal sealed class RollupCommands(Func<WebApplication> app)
{
    public Command Verify()
    {
        var rebuild = new Option<bool>("--rebuild") { Description = "Counts all days again first, in one transaction." };
        var verify = new Command(
            "verify-rollups", "Compares the roll-ups of the dashboard with counts of all predictions and outcomes; exit code 0 only if there is no difference.")
        {
            rebuild,
        };
        verify.SetAction((parsed, cancellation) => Commands.WithDatabase(app(), async services =>
        {
            if (parsed.GetValue(rebuild))
            {
                var days = await services.GetRequiredService<PredictionRollup>().Rebuild(cancellation);
                Console.WriteLine($"rebuilt: {Quantity.Of(days.Performance.Union(days.Volume).Count(), "day")} changed");
            }
            var rollups = await services.GetRequiredService<RollupVerification>().Verify(cancellation);
            foreach (var rollup in rollups)
            {
                Console.WriteLine($"{rollup.Name}: {Quantity.Of(rollup.Rows, "row")} compared, {Quantity.Of(rollup.Differences, "difference")}");
                foreach (var difference in rollup.Described)
                    Console.WriteLine($"  {difference}");
                if (rollup.Differences > rollup.Described.Count)
                    Console.WriteLine($"  {Quantity.Of(rollup.Differences - rollup.Described.Count, "more difference")}");
            }
            var differences = rollups.Sum(rollup => rollup.Differences);
            Console.WriteLine($"{Quantity.Of(rollups.Max(rollup => rollup.Predictions), "prediction")}: {Quantity.Of(differences, "difference")}");
            return differences == 0 ? 0 : 1;
        }, cancellation));
        return verify;
    }
}
