using System.Diagnostics;

namespace Titanic.Web.Tests;

/// <summary>Waits for a condition, however busy the machine is; a wait that takes <see cref="Patience"/> fails its test.</summary>
internal static class Eventually
{
    /// <summary>The longest that any test waits for anything.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(10);

    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> True(Func<Task<bool>> condition, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"After {Patience} it is still not true that {what}.");
            await Task.Delay(_pause, TestContext.Current.CancellationToken);
        }
        return Stopwatch.GetElapsedTime(start);
    }

    public static Task<TimeSpan> True(Func<bool> condition, string what) => True(() => Task.FromResult(condition()), what);
}
