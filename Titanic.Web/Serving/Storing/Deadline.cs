using System.Diagnostics;

namespace Titanic.Web.Serving.Storing;

/// <summary>Until when somebody waits, by the clock that nobody sets.</summary>
internal readonly record struct Deadline
{
    private Deadline(long timestamp) => Timestamp = timestamp;

    /// <summary>The earlier, the less.</summary>
    public long Timestamp { get; }

    public static Deadline Never { get; } = new(long.MaxValue);

    public static Deadline In(TimeSpan patience) => new(Stopwatch.GetTimestamp() + (long)(patience.TotalSeconds * Stopwatch.Frequency));

    /// <summary>Infinite where it never comes, zero when it has passed.</summary>
    public TimeSpan Remaining
    {
        get
        {
            if (this == Never)
                return Timeout.InfiniteTimeSpan;
            var ticks = Timestamp - Stopwatch.GetTimestamp();
            return ticks <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)ticks / Stopwatch.Frequency);
        }
    }

    public bool HasPassed => Remaining == TimeSpan.Zero;
}
