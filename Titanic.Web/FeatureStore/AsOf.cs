using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>
/// A point in time for point-in-time correct reads: rows of commits up to <paramref name="CommitId"/> and outcomes known before
/// <paramref name="KnownBefore"/> are visible.
/// </summary>
/// <param name="CommitId">The newest visible commit.</param>
/// <param name="CommittedAt">The time of this commit, UTC.</param>
/// <param name="KnownBefore">Exclusive cutoff, UTC: outcomes that became known at or after this instant are not visible.</param>
public sealed record AsOf(long CommitId, DateTimeOffset CommittedAt, DateTimeOffset KnownBefore)
{
    /// <summary>The OpenAPI description of a parameter that <see cref="Resolve"/> parses.</summary>
    public const string Description =
        "A commit (17), a day (2026-11-23, its end in UTC) or an instant (2026-11-23T18:00:00Z). Default: now.";

    /// <summary>The resolution of PostgreSQL timestamps: "at or before t" equals "before t + 1 µs".</summary>
    private static readonly TimeSpan _resolution = TimeSpan.FromMicroseconds(1);

    /// <summary>The last instant of the point in time: rows that were stored at or before it are visible.</summary>
    public DateTimeOffset Instant => KnownBefore - _resolution;

    /// <summary>Parses a point in time and finds the newest commit at or before it.</summary>
    /// <param name="db">The database.</param>
    /// <param name="text">
    /// A commit id ("17"), a day ("2026-11-23", its end in UTC) or an instant with an offset ("2026-11-23T18:00:00Z"). Null or blank:
    /// the newest commit.
    /// </param>
    /// <param name="cancellation">Cancels the query.</param>
    /// <returns>
    /// For a commit id or no text, <c>KnownBefore</c> is the commit time + 1 µs; for a day its end; for an instant the instant + 1 µs.
    /// </returns>
    /// <exception cref="UnknownAsOfException">
    /// The text has another format, the commit does not exist, or no commit is early enough.
    /// </exception>
    public static async Task<AsOf> Resolve(TitanicDb db, string? text, CancellationToken cancellation)
    {
        // In a query string an unescaped "+" of an offset is decoded as a space.
        var trimmed = text?.Trim().Replace(' ', '+') ?? "";
        if (trimmed.Length == 0)
            return await NewestBefore(db, trimmed, null, cancellation);
        if (long.TryParse(trimmed, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return await FromCommit(db, id, cancellation);
        if (FindEnd(trimmed) is { } end)
            return await NewestBefore(db, trimmed, end, cancellation);
        throw new UnknownAsOfException(
            $"The point in time is \"{Excerpt.TruncateRecord(trimmed)}\"; it must be a commit such as 17, {IsoTimestamp.ExpectedDate}, or {IsoTimestamp.ExpectedFormat}.");
    }

    /// <summary>The exclusive end of a day or of an instant; null for another text.</summary>
    public static DateTimeOffset? FindEnd(string text) =>
        IsoTimestamp.TryParseDate(text, out var day) && day < DateOnly.MaxValue ? FeatureReader.StartOf(day.AddDays(1))
        : IsoTimestamp.TryParse(text, out var instant) && instant < DateTimeOffset.MaxValue - _resolution ? instant + _resolution
        : null;

    private static async Task<AsOf> FromCommit(TitanicDb db, long id, CancellationToken cancellation)
    {
        var committedAt = await db.Commits.Where(commit => commit.CommitId == id).Select(commit => (DateTimeOffset?)commit.CommittedAt).SingleOrDefaultAsync(cancellation);
        return committedAt is { } time
            ? new AsOf(id, time, time + _resolution)
            : throw new UnknownAsOfException($"There is no commit {id}; {await DescribeCommits(db, cancellation)}.");
    }

    /// <summary>Finds the newest commit before <paramref name="end"/>.</summary>
    /// <param name="end">Exclusive; null for no limit.</param>
    private static async Task<AsOf> NewestBefore(TitanicDb db, string text, DateTimeOffset? end, CancellationToken cancellation)
    {
        var newest = await db.Commits.Where(commit => end == null || commit.CommittedAt < end).OrderByDescending(commit => commit.CommitId)
            .Select(commit => new { commit.CommitId, commit.CommittedAt }).FirstOrDefaultAsync(cancellation);
        return newest is not null
            ? new AsOf(newest.CommitId, newest.CommittedAt, end ?? newest.CommittedAt + _resolution)
            : throw new UnknownAsOfException(
                $"There is no commit{(text.Length == 0 ? "" : $" as early as {text}")}; {await DescribeCommits(db, cancellation)}.");
    }

    private static async Task<string> DescribeCommits(TitanicDb db, CancellationToken cancellation)
    {
        var commits = db.Commits.Select(commit => new { commit.CommitId, commit.CommittedAt });
        if (await commits.OrderBy(commit => commit.CommitId).FirstOrDefaultAsync(cancellation) is not { } first)
            return "the store is empty";
        var last = await commits.OrderByDescending(commit => commit.CommitId).FirstAsync(cancellation);
        return string.Create(CultureInfo.InvariantCulture, $"commits go from {first.CommitId} ({IsoTimestamp.Format(first.CommittedAt)}) to {last.CommitId} ({IsoTimestamp.Format(last.CommittedAt)})");
    }
}

/// <summary>A text is not a valid point in time of the store; the message states the formats or the commits that exist.</summary>
public sealed class UnknownAsOfException(string message) : Exception(message);

/// <summary>
/// Reads a point in time from a JSON body: a commit id may be a number; days and instants are strings. See <see cref="AsOf.Resolve"/>.
/// </summary>
internal sealed class AsOfParser : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
        JsonTokenType.String => reader.GetString(),
        _ => throw new JsonException(),
    };

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
