using System.Collections.Concurrent;

namespace Titanic.Web.Tests.Passengers;

/// <summary>A clock whose timers ring when the test says so, so that no time-out is tested by waiting for it.</summary>
internal sealed class HandClock : TimeProvider
{
    private readonly ConcurrentDictionary<HandTimer, Action> _timers = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HandTimer(_timers);
        _timers[timer] = () => callback(state);
        return timer;
    }

    /// <summary>Rings all timers, also those made meanwhile, until the task is over.</summary>
    public async Task RingUntilAsync(Task task, CancellationToken cancellation)
    {
        while (!task.IsCompleted)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var ring in _timers.Values)
                ring();
            await Task.Yield();
        }
    }

    private sealed class HandTimer(ConcurrentDictionary<HandTimer, Action> timers) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => timers.TryRemove(this, out _);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
