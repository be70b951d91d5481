using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.Extensions.Options;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Pipelines;

/// <summary>
/// The first start: imports the passenger list, trains a first model and simulates the configured days. Every step is idempotent, so the
/// next start resumes an interrupted one.
/// </summary>
public sealed partial class Bootstrap(
    IServiceScopeFactory scopes, Simulation simulation, IOptions<BootstrapOptions> options, TimeProvider clock, ILogger<Bootstrap> log)
{
    /// <summary>
    /// Completes the first start, or waits until another process has completed it: a database lock lets one process at a time run it. A
    /// failure is logged and stored in <see cref="SetupProgress.Error"/>, not thrown.
    /// </summary>
    public async Task Complete(CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        await using var setupLock = await PipelineLock.Acquire(scope.ServiceProvider.GetRequiredService<NpgsqlDataSource>(), "bootstrap", cancellation);
        var db = scope.ServiceProvider.GetRequiredService<TitanicDb>();
        var progress = await db.SetupProgress.SingleOrDefaultAsync(cancellation);
        if (progress?.FinishedAt is not null)
            return;
        if (progress is null)
            db.SetupProgress.Add(progress = new SetupProgress { Step = "Starting", StartedAt = clock.GetUtcNow() });
        try
        {
            await RunSteps(db, progress, cancellation);
            progress.FinishedAt = clock.GetUtcNow();
            await SaveProgress(db, progress, "Set up", cancellation);
            LogFinished(progress.FinishedAt - progress.StartedAt);
        }
        // The caller repeats a start whose connection was lost.
        catch (Exception failure) when (failure is not OperationCanceledException && !LostConnection.IsCauseOf(failure))
        {
            progress.Error = FailureText.Describe(failure);
            await db.SaveChangesAsync(CancellationToken.None);
            LogFailed(failure);
        }
    }

    private async Task RunSteps(TitanicDb db, SetupProgress progress, CancellationToken cancellation)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var days = options.Value.SimulateDays;
        var firstDay = today.AddDays(1 - days);
        var hasList = options.Value.Dataset is not BootstrapOptions.NoDataset;
        (progress.StepsDone, progress.StepsTotal, progress.Error) = (0, (hasList ? 2 : 0) + days, null);

        if (hasList)
        {
            await SaveProgress(db, progress, "Importing the passenger list", cancellation);
            var list = string.IsNullOrWhiteSpace(options.Value.Dataset) ? RunRequest.BundledDataset : options.Value.Dataset;
            await simulation.RunOrThrow(new RunRequest(PipelineNames.Feature, firstDay, RunTrigger.Bootstrap, list), cancellation);
            progress.StepsDone++;

            await SaveProgress(db, progress, "Training the first model", cancellation);
            await simulation.RunOrThrow(new RunRequest(PipelineNames.Training, firstDay.AddDays(-1), RunTrigger.Bootstrap), cancellation);
            progress.StepsDone++;
        }
        for (var day = firstDay; day <= today; day = day.AddDays(1))
        {
            var number = day.DayNumber - firstDay.DayNumber + 1;
            await SaveProgress(db, progress, string.Create(CultureInfo.InvariantCulture, $"Simulating {day:d MMMM yyyy} (day {number} of {days})"), cancellation);
            await simulation.SimulateDay(day, RunTrigger.Bootstrap, cancellation);
            progress.StepsDone++;
        }
    }

    private async Task SaveProgress(TitanicDb db, SetupProgress progress, string step, CancellationToken cancellation)
    {
        progress.Step = step;
        await db.SaveChangesAsync(cancellation);
        LogStep(step, progress.StepsDone, progress.StepsTotal);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "First start: {Step} ({Done} of {Total} steps done)")]
    private partial void LogStep(string step, int done, int total);

    [LoggerMessage(Level = LogLevel.Information, Message = "First start complete after {Duration}")]
    private partial void LogFinished(TimeSpan? duration);

    [LoggerMessage(Level = LogLevel.Error, Message = "The first start failed; the next start of the program resumes it")]
    private partial void LogFailed(Exception failure);
}

/// <summary>Rows were sent before the first start was complete; the response is a 503.</summary>
public sealed class FirstStartIncompleteException() : BadHttpRequestException(
    "The first start is not complete, so nothing was stored. Retry when /health/ready returns \"Ready\".",
    StatusCodes.Status503ServiceUnavailable)
{
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);
}

/// <summary>Configuration section "Bootstrap": what the first start imports and simulates.</summary>
public sealed class BootstrapOptions : IValidatableObject
{
    public const string Section = "Bootstrap";

    /// <summary>The value of <see cref="Dataset"/> that imports nothing.</summary>
    public const string NoDataset = "none";

    /// <summary>The maximum number of days that can be simulated at once.</summary>
    public const int MaximumDays = 3650;

    /// <summary>Number of days of the stream to simulate, ending today: 0 to 3650; default 30.</summary>
    [SettingRange(Section, 0, MaximumDays)]
    public int SimulateDays { get; set; } = 30;

    /// <summary>
    /// The passenger list to import: a file or an http(s) address. Null or empty means the bundled list. <see cref="NoDataset"/> means no list
    /// and requires <see cref="SimulateDays"/> = 0.
    /// </summary>
    public string? Dataset { get; set; }

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (SimulateDays > 0 && Dataset == NoDataset)
        {
            yield return new(FormattableString.Invariant(
                $"{Section}:{nameof(SimulateDays)} is {SimulateDays}; it must be 0 when {Section}:{nameof(Dataset)} is \"{NoDataset}\", because no model is trained without a dataset."));
        }
    }
}

[OptionsValidator]
internal sealed partial class BootstrapOptionsValidator : IValidateOptions<BootstrapOptions>;

/// <summary>Progress of the first start: one row, which every web process shows and which marks the first start as complete.</summary>
public sealed class SetupProgress
{
    public int SetupProgressId { get; init; } = 1;

    /// <summary>The current step, as displayed on pages.</summary>
    public required string Step { get; set; }
    public int StepsDone { get; set; }
    public int StepsTotal { get; set; }
    public DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>Why the first start failed; null while it runs. The next start resumes it.</summary>
    public string? Error { get; set; }
}

internal sealed class SetupProgressTable : IEntityTypeConfiguration<SetupProgress>
{
    public void Configure(EntityTypeBuilder<SetupProgress> progress)
    {
        progress.ToTable("setup_progress", table => table.HasCheckConstraint("ck_setup_progress_one_row", "setup_progress_id = 1"));
        progress.HasKey(p => p.SetupProgressId);
        progress.Property(p => p.SetupProgressId).ValueGeneratedNever();
    }
}
