using Titanic.Web.Registry;

namespace Titanic.Web.Serving;

/// <summary>
/// The champion that this process serves, loaded into memory. A corrupt champion is rejected: the version in memory keeps serving, and a
/// process without one serves the previous version. In both cases <see cref="Alarm"/> is set.
/// </summary>
public sealed partial class ChampionCache(IServiceScopeFactory scopes, ILogger<ChampionCache> log)
{
    private readonly SemaphoreSlim _reloadLock = new(1, 1);
    private volatile LoadedModel? _current;
    private volatile ChampionAlarm? _alarm;

    /// <summary>The version that serves; null while no version has been promoted, or none of the promoted ones can be loaded.</summary>
    public LoadedModel? Current => _current;

    /// <summary>Why the registered champion does not serve; null where it does. Pages display it.</summary>
    public ChampionAlarm? Alarm => _alarm;

    /// <summary>
    /// Loads the version that the registry names champion, and compares the SHA-256 of its stored bytes with the registered one.
    /// </summary>
    /// <returns>The version that serves afterwards; see <see cref="Current"/>.</returns>
    public async Task<LoadedModel?> Reload(CancellationToken cancellation)
    {
        await _reloadLock.WaitAsync(cancellation);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var registry = scope.ServiceProvider.GetRequiredService<ModelRegistry>();
            if (await registry.ReadChampionArtifact(cancellation) is { } champion)
                await Load(champion, registry, cancellation);
        }
        finally
        {
            _reloadLock.Release();
        }
        return _current;
    }

    private async Task Load(ArtifactState champion, ModelRegistry registry, CancellationToken cancellation)
    {
        if (champion.IsValid && champion.Version == _current?.Version && champion.RegisteredSha256 == _current.ArtifactSha256)
        {
            _alarm = null;
            return;
        }
        try
        {
            var loaded = LoadedModel.Of((await registry.Find(champion.Version, cancellation))!);
            if (loaded.Version != _current?.Version)
                LogLoaded(loaded.Version, loaded.ArtifactSha256);
            (_current, _alarm) = (loaded, null);
        }
        catch (InvalidDataException corrupt)
        {
            _current ??= await LoadPrevious(registry, cancellation);
            Raise(new ChampionAlarm(champion.Version, _current?.Version, corrupt.Message));
        }
    }

    /// <summary>The version that was champion before; null where there is none, or its bytes are corrupt.</summary>
    private async Task<LoadedModel?> LoadPrevious(ModelRegistry registry, CancellationToken cancellation)
    {
        try
        {
            return await registry.FindByAlias(ModelAliases.Previous, cancellation) is { } previous ? LoadedModel.Of(previous) : null;
        }
        catch (InvalidDataException corrupt)
        {
            LogPreviousRejected(corrupt);
            return null;
        }
    }

    /// <summary>Logs each alarm once, although the registry is read every few seconds.</summary>
    private void Raise(ChampionAlarm alarm)
    {
        if (alarm != _alarm)
            LogRejected(alarm.RejectedVersion, alarm.Message);
        _alarm = alarm;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Champion version {Version} is loaded (SHA-256 {Sha256})")]
    private partial void LogLoaded(int version, string sha256);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Integrity alert: champion version {Version} was rejected. {Message}")]
    private partial void LogRejected(int version, string message);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Integrity alert: the previous version was rejected too")]
    private partial void LogPreviousRejected(Exception failure);
}

/// <summary>States that the version that the registry names champion cannot be loaded.</summary>
/// <param name="RejectedVersion">The version of the champion.</param>
/// <param name="ServingVersion">
/// The version that serves instead; the same number where an intact copy in memory serves; null where none serves.
/// </param>
/// <param name="Reason">Why the champion cannot be loaded; a complete sentence.</param>
public sealed record ChampionAlarm(int RejectedVersion, int? ServingVersion, string Reason)
{
    /// <summary>The reason, the consequence in this process, and what an operator can do.</summary>
    public string Message => $"{Reason} {Consequence} Roll back, or promote an intact version.";

    private string Consequence => ServingVersion switch
    {
        null => "No version serves.",
        { } version when version == RejectedVersion => "This process serves an intact copy from memory; a process that starts now cannot load it.",
        { } version => $"Version {version} serves instead.",
    };
}
