using Microsoft.Extensions.Time.Testing;

namespace Titanic.Web.Tests;

/// <summary>Clocks that stand still until a test moves them, also for what waits for a time to pass.</summary>
internal static class TestClock
{
    /// <summary>At half past midnight of a logical date: the hour at which the pipelines run.</summary>
    public static FakeTimeProvider On(DateOnly day) => new(TimeOf(day));

    public static void MoveTo(this FakeTimeProvider clock, DateOnly day) => clock.SetUtcNow(TimeOf(day));

    /// <summary>Lets a minute pass again and again until the task is completed.</summary>
    public static async Task AdvanceUntilCompleted(this FakeTimeProvider clock, Task task)
    {
        while (!task.IsCompleted)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }
    }

    private static DateTimeOffset TimeOf(DateOnly day) => new(day.ToDateTime(new TimeOnly(0, 30)), TimeSpan.Zero);
}
