using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;
using Titanic.Web.Passengers;

namespace Titanic.Web.FeatureStore;

/// <summary>A point of the store's history: everything up to a commit, and what was known by then.</summary>
/// <param name="CommitId">The newest commit that counts.</param>
/// <param name="KnownBefore">Outcomes that became known at or after this instant do not count.</param>
public sealed record AsOf(long CommitId, DateTimeOffset CommittedAt, DateTimeOffset KnownBefore)
{
    /// <summary>Of a parameter that <see cref="Resolve"/> reads.</summary>
    public const string Description =
        "A commit (17), a day (2026-11-23, its end in UTC) or an instant (2026-11-23T18:00:00Z); now when it is left out.";

    /// <summary>PostgreSQL's resolution of time: "up to an instant" is "before the next".</summary>
    private static readonly TimeSpan _tick = TimeSpan.FromMicroseconds(1);

    /// <summary>Reads what people and programs write: the id of a commit, a day (its end in UTC), or an instant; nothing means now.</summary>
    /// <exception cref="UnknownAsOfException">The text is neither, or there is no such commit or none so early.</exception>
    public static async Task<AsOf> Resolve(TitanicDb db, string? text, CancellationToken cancellation)
    {
        // In the query of an address an unescaped "+" of an offset arrives as a blank.
        var asked = text?.Trim().Replace(' ', '+') ?? "";
        if (asked.Length == 0)
            return await Newest(db, asked, null, cancellation);
        if (long.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return await OfCommit(db, id, cancellation);
        if (DateOnly.TryParseExact(asked, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < DateOnly.MaxValue)
            return await Newest(db, asked, FeatureReader.StartOf(day.AddDays(1)), cancellation);
        if (IsoTimestamp.TryRead(asked, out var instant) && instant < DateTimeOffset.MaxValue - _tick)
            return await Newest(db, asked, instant + _tick, cancellation);
        throw new UnknownAsOfException($"As of '{Excerpt.TruncateRecord(asked)}' cannot be read; it must be a commit (17), a day (2026-11-23) or an instant (2026-11-23T18:00:00Z or with an offset such as +01:00).");
    }

    private static async Task<AsOf> OfCommit(TitanicDb db, long id, CancellationToken cancellation)
    {
        var committedAt = await db.Commits.Where(commit => commit.CommitId == id).Select(commit => (DateTimeOffset?)commit.CommittedAt).SingleOrDefaultAsync(cancellation);
        return committedAt is { } time
            ? new AsOf(id, time, time + _tick)
            : throw new UnknownAsOfException($"There is no commit {id}; {await Existing(db, cancellation)}.");
    }

    /// <param name="end">Exclusive; null for no end.</param>
    private static async Task<AsOf> Newest(TitanicDb db, string asked, DateTimeOffset? end, CancellationToken cancellation)
    {
        var newest = await db.Commits.Where(commit => end == null || commit.CommittedAt < end).OrderByDescending(commit => commit.CommitId)
            .Select(commit => new { commit.CommitId, commit.CommittedAt }).FirstOrDefaultAsync(cancellation);
        return newest is not null
            ? new AsOf(newest.CommitId, newest.CommittedAt, end ?? newest.CommittedAt + _tick)
            : throw new UnknownAsOfException($"There is no commit{(asked.Length == 0 ? "" : $" as early as {asked}")}; {await Existing(db, cancellation)}.");
    }

    private static async Task<string> Existing(TitanicDb db, CancellationToken cancellation)
    {
        var commits = db.Commits.Select(commit => new { commit.CommitId, commit.CommittedAt });
        if (await commits.OrderBy(commit => commit.CommitId).FirstOrDefaultAsync(cancellation) is not { } first)
            return "the store is empty";
        var last = await commits.OrderByDescending(commit => commit.CommitId).FirstAsync(cancellation);
        return string.Create(CultureInfo.InvariantCulture, $"commits go from {first.CommitId} ({first.CommittedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}) to {last.CommitId} ({last.CommittedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'})");
    }
}

/// <summary>The text names no point of the store's history; the message says which there are.</summary>
public sealed class UnknownAsOfException(string sentence) : Exception(sentence);

/// <summary>A point of history in a body: programs write the number of a commit as a number, everything else as a text. See <see cref="AsOf.Resolve"/>.</summary>
internal sealed class WrittenAsOf : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
        JsonTokenType.String => reader.GetString(),
        _ => throw new JsonException(),
    };

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
