using Microsoft.Extensions.Time.Testing;

namespace Titanic.Web.Tests;

/// <summary>Clocks that stand still until a test advances them; timers follow these clocks.</summary>
internal static class TestClock
{
    /// <summary>A clock at 00:30 UTC of a logical date, when the pipelines of the day are due.</summary>
    public static FakeTimeProvider CreateAt(DateOnly day) => new(TimeOf(day));

    public static void MoveTo(this FakeTimeProvider clock, DateOnly day) => clock.SetUtcNow(TimeOf(day));

    /// <summary>Advances the clock by one minute at a time until the task is completed.</summary>
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
