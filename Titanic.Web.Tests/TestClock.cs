namespace Titanic.Web.Tests;

/// <summary>A clock that stands still until a test moves it. Its timers are real: nothing is tested by waiting for one.</summary>
internal class TestClock(DateTimeOffset now) : TimeProvider
{
    /// <summary>Half past midnight of a logical date: the hour at which the pipelines run.</summary>
    public static TestClock On(DateOnly day) => new(new DateTimeOffset(day.ToDateTime(new TimeOnly(0, 30)), TimeSpan.Zero));

    public DateTimeOffset Now { get; set; } = now;

    public DateOnly Today => DateOnly.FromDateTime(Now.UtcDateTime);

    public override DateTimeOffset GetUtcNow() => Now;
}
