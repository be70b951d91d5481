using System.Diagnostics;

namespace Titanic.Web.Tests;

/// <summary>Polls a condition until it is true. After <see cref="Patience"/> the test fails.</summary>
internal static class Eventually
{
    /// <summary>Maximum wait of any test: long enough for a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(10);

    /// <param name="condition">The condition to wait for.</param>
    /// <param name="what">What the condition means, for the message of a failure.</param>
    /// <returns>How long the wait took.</returns>
    public static async Task<TimeSpan> True(Func<Task<bool>> condition, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"After {Patience}, this was still not true: {what}.");
            await Task.Delay(_pause, TestContext.Current.CancellationToken);
        }
        return Stopwatch.GetElapsedTime(start);
    }

    public static Task<TimeSpan> True(Func<bool> condition, string what) => True(() => Task.FromResult(condition()), what);
}
