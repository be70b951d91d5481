using System.Diagnostics;

namespace Titanic.Web.Tests;

/// <summary>Asks until the answer is yes, for what happens on its own time; fails after a bounded while.</summary>
internal static class Eventually
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _betweenQuestions = TimeSpan.FromMilliseconds(10);

    /// <param name="patience">For what a whole process has to start for first; 20 s by default.</param>
    /// <returns>How long it took.</returns>
    public static async Task<TimeSpan> True(Func<Task<bool>> question, string what, TimeSpan? patience = null)
    {
        var longest = patience ?? _patience;
        var cancellation = TestContext.Current.CancellationToken;
        var watch = Stopwatch.StartNew();
        using var pulse = new PeriodicTimer(_betweenQuestions);
        while (!await question())
        {
            Assert.True(watch.Elapsed < longest, $"After {longest} it is still not true that {what}.");
            await pulse.WaitForNextTickAsync(cancellation);
        }
        return watch.Elapsed;
    }

    public static Task<TimeSpan> True(Func<bool> question, string what) => True(() => Task.FromResult(question()), what);
}
