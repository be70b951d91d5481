namespace Titanic.Web.Pipelines;

/// <summary>A step of a run, such as "Cross-validation".</summary>
/// <param name="Name">What the step does.</param>
/// <param name="StartedAt">When it started; it ends when the next step starts, or with the run.</param>
public sealed record RunStep(string Name, DateTimeOffset StartedAt)
{
    /// <summary>Null while the step is running.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Number of parts that are done, such as rows or folds; 0 where a step has no parts.</summary>
    public long Done { get; init; }

    /// <summary>Number of parts; null if it is not known.</summary>
    public long? Total { get; init; }

    /// <summary>The counts of the run that this step set.</summary>
    public IReadOnlyDictionary<string, long> Counts { get; init; } = new Dictionary<string, long>();
}

/// <summary>The steps of a run that this process executes. Safe for concurrent use.</summary>
internal sealed class StepRecorder(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly List<RunStep> _ended = [];
    private RunStep? _current;
    private StepProgress? _progress;

    /// <summary>Ends the current step and starts the next one.</summary>
    public StepProgress Start(string name, long? total, CancellationToken cancellation)
    {
        lock (_lock)
        {
            EndCurrent();
            _current = new RunStep(name, clock.GetUtcNow());
            return _progress = new StepProgress(cancellation) { Total = total };
        }
    }

    /// <summary>Sets a count of the current step, if there is one.</summary>
    public void SetCount(string name, long value)
    {
        lock (_lock)
        {
            if (_current is not null)
                _current = _current with { Counts = new Dictionary<string, long>(_current.Counts) { [name] = value } };
        }
    }

    /// <summary>Ends the current step.</summary>
    /// <returns>All steps.</returns>
    public RunStep[] End()
    {
        lock (_lock)
        {
            EndCurrent();
            return [.. _ended];
        }
    }

    /// <summary>The steps as they are now.</summary>
    public RunStep[] Read()
    {
        lock (_lock)
            return _current is null ? [.. _ended] : [.. _ended, WithProgress(_current)];
    }

    private void EndCurrent()
    {
        if (_current is not null)
            _ended.Add(WithProgress(_current) with { EndedAt = clock.GetUtcNow() });
        (_current, _progress) = (null, null);
    }

    private RunStep WithProgress(RunStep step) => step with { Done = _progress!.Done, Total = _progress.Total };
}
