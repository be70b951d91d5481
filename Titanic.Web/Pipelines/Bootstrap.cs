using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Pipelines;

/// <summary>
/// The first start: backfill the passenger list, train a first model, live through the simulated days. Every step can be repeated
/// without harm, so an interrupted first start is simply taken up again by the next.
/// </summary>
public sealed partial class Bootstrap(
    IServiceScopeFactory scopes, NpgsqlDataSource postgres, Simulation simulation, IOptions<BootstrapOptions> options, TimeProvider clock, ILogger<Bootstrap> log)
{
    /// <summary>Returns when the first start is complete, whoever did it: of several processes one works and the others wait.</summary>
    public async Task Complete(CancellationToken cancellation)
    {
        await using var turn = await PipelineTurn.Await(postgres, "bootstrap", cancellation);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TitanicDb>();
        var progress = await db.SetupProgress.SingleOrDefaultAsync(cancellation);
        if (progress?.FinishedAt is not null)
            return;
        if (progress is null)
            db.SetupProgress.Add(progress = new SetupProgress { Step = "Starting", StartedAt = clock.GetUtcNow() });
        try
        {
            await Work(db, progress, cancellation);
            progress.FinishedAt = clock.GetUtcNow();
            await Report(db, progress, "Set up", cancellation);
            LogFinished(progress.FinishedAt - progress.StartedAt);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            progress.Error = failure.Message;
            await db.SaveChangesAsync(CancellationToken.None);
            LogFailed(failure);
        }
    }

    private async Task Work(TitanicDb db, SetupProgress progress, CancellationToken cancellation)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var days = options.Value.SimulateDays;
        var firstDay = today.AddDays(1 - days);
        var hasList = options.Value.Dataset is not BootstrapOptions.NoList;
        (progress.StepsDone, progress.StepsTotal, progress.Error) = (0, (hasList ? 2 : 0) + days, null);

        if (hasList)
        {
            await Report(db, progress, "Importing the passenger list", cancellation);
            var list = string.IsNullOrWhiteSpace(options.Value.Dataset) ? RunRequest.BundledDataset : options.Value.Dataset;
            await simulation.Succeed(new RunRequest(PipelineNames.Feature, firstDay, RunTrigger.Bootstrap, list), cancellation);
            progress.StepsDone++;

            await Report(db, progress, "Training the first model", cancellation);
            await simulation.Succeed(new RunRequest(PipelineNames.Training, firstDay.AddDays(-1), RunTrigger.Bootstrap), cancellation);
            progress.StepsDone++;
        }
        for (var day = firstDay; day <= today; day = day.AddDays(1))
        {
            var number = day.DayNumber - firstDay.DayNumber + 1;
            await Report(db, progress, string.Create(CultureInfo.InvariantCulture, $"Living through {day:d MMMM yyyy} (day {number} of {days})"), cancellation);
            await simulation.LiveThrough(day, RunTrigger.Bootstrap, cancellation);
            progress.StepsDone++;
        }
    }

    private async Task Report(TitanicDb db, SetupProgress progress, string step, CancellationToken cancellation)
    {
        progress.Step = step;
        await db.SaveChangesAsync(cancellation);
        LogStep(step, progress.StepsDone, progress.StepsTotal);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "First start: {Step} ({Done} of {Total} steps done)")]
    private partial void LogStep(string step, int done, int total);

    [LoggerMessage(Level = LogLevel.Information, Message = "First start complete after {Duration}")]
    private partial void LogFinished(TimeSpan? duration);

    [LoggerMessage(Level = LogLevel.Error, Message = "The first start stopped; the next start takes it up again")]
    private partial void LogFailed(Exception failure);
}
