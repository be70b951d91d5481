using System.Diagnostics;

namespace Titanic.Web.Tests;

/// <summary>Polls a condition until it is true. After <see cref="Timeout"/> the test fails.</summary>
internal static class Eventually
{
    /// <summary>Maximum wait of any test: long enough for a busy machine.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan _pollInterval = TimeSpan.FromMilliseconds(10);

    /// <param name="condition">The condition to wait for.</param>
    /// <param name="description">What the condition means, for the message of a failure.</param>
    /// <returns>How long the wait took.</returns>
    public static async Task<TimeSpan> True(Func<Task<bool>> condition, string description)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Timeout, $"After {Timeout}, this was still not true: {description}.");
            await Task.Delay(_pollInterval, TestContext.Current.CancellationToken);
        }
        return Stopwatch.GetElapsedTime(start);
    }

    public static Task<TimeSpan> True(Func<bool> condition, string description) => True(() => Task.FromResult(condition()), description);
}
