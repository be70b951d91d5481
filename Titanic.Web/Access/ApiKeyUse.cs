using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Database;

namespace Titanic.Web.Access;

/// <summary>
/// Stores when each API key was last used: at most once per minute and key, in the background, so that no request waits for it. The stored
/// time is at most one minute before the last use; a use is missing if the process is killed or the database fails at that moment.
/// </summary>
public sealed partial class ApiKeyUse(IServiceScopeFactory scopes, TimeProvider clock, ILogger<ApiKeyUse> log)
{
    public static readonly TimeSpan Precision = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<int, DateTimeOffset> _stored = new();

    /// <summary>Records a use of a key that was just read from the database.</summary>
    public void Record(ApiKey key)
    {
        var now = clock.GetUtcNow();
        var since = now - Precision;
        if (key.LastUsedAt > since)
            return; // this or another process has stored it
        var isFirst = _stored.TryAdd(key.Id, now);
        // Of concurrent requests one replaces the earlier time and stores.
        if (isFirst || (_stored.TryGetValue(key.Id, out var earlier) && earlier <= since && _stored.TryUpdate(key.Id, now, earlier)))
            _ = Task.Run(() => Store(key.Id, now));
    }

    private async Task Store(int id, DateTimeOffset now)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<TitanicDb>().Set<ApiKey>().Where(key => key.Id == id && (key.LastUsedAt == null || key.LastUsedAt < now))
                .ExecuteUpdateAsync(set => set.SetProperty(key => key.LastUsedAt, now));
        }
        // Any exception: nothing waits for this task, and the next use in a minute stores again.
        catch (Exception failure)
        {
            LogNotStored(failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The last use of an API key was not stored")]
    private partial void LogNotStored(Exception failure);
}
