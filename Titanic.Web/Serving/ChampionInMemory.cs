using Titanic.Web.Registry;

namespace Titanic.Web.Serving;

/// <summary>
/// The champion that this process answers with. A damaged one is refused: who answered before keeps answering, and a process that has just
/// started answers by the version before. Either way it raises an alarm.
/// </summary>
public sealed partial class ChampionInMemory(IServiceScopeFactory scopes, ILogger<ChampionInMemory> log)
{
    private readonly SemaphoreSlim _oneReload = new(1, 1);
    private volatile ServedModel? _current;
    private volatile ChampionAlarm? _alarm;

    /// <summary>Null while no version has been promoted yet, or none that was can serve.</summary>
    public ServedModel? Current => _current;

    /// <summary>Null while all is well. Pages show it.</summary>
    public ChampionAlarm? Alarm => _alarm;

    /// <summary>Takes over what the registry names champion now, and looks whether its stored bytes are still sound.</summary>
    public async Task<ServedModel?> Reload(CancellationToken cancellation)
    {
        await _oneReload.WaitAsync(cancellation);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var registry = scope.ServiceProvider.GetRequiredService<ModelRegistry>();
            if (await registry.ChampionArtifact(cancellation) is { } champion)
                await Take(champion, registry, cancellation);
        }
        finally
        {
            _oneReload.Release();
        }
        return _current;
    }

    private async Task Take(ArtifactState champion, ModelRegistry registry, CancellationToken cancellation)
    {
        if (champion.IsSound && champion.Version == _current?.Version && champion.RegisteredSha256 == _current.ArtifactSha256)
        {
            _alarm = null;
            return;
        }
        try
        {
            var loaded = ServedModel.Of((await registry.Find(champion.Version, cancellation))!);
            if (loaded.Version != _current?.Version)
                LogInService(loaded.Version, loaded.ArtifactSha256);
            (_current, _alarm) = (loaded, null);
        }
        catch (InvalidDataException damaged)
        {
            _current ??= await SoundPrevious(registry, cancellation);
            Raise(new ChampionAlarm(champion.Version, _current?.Version, damaged.Message));
        }
    }

    private async Task<ServedModel?> SoundPrevious(ModelRegistry registry, CancellationToken cancellation)
    {
        try
        {
            return await registry.Named(ModelAliases.Previous, cancellation) is { } previous ? ServedModel.Of(previous) : null;
        }
        catch (InvalidDataException damaged)
        {
            LogPreviousRefused(damaged);
            return null;
        }
    }

    /// <summary>Once for each new trouble: the registry is asked again every few seconds.</summary>
    private void Raise(ChampionAlarm alarm)
    {
        if (alarm != _alarm)
            LogRefused(alarm.Refused, alarm.Message);
        _alarm = alarm;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Champion version {Version} is in service ({Sha256})")]
    private partial void LogInService(int version, string sha256);

    [LoggerMessage(Level = LogLevel.Critical, Message = "ALARM: champion version {Version} was refused. {Message}")]
    private partial void LogRefused(int version, string message);

    [LoggerMessage(Level = LogLevel.Critical, Message = "ALARM: the previous version was refused as well")]
    private partial void LogPreviousRefused(Exception damaged);
}

/// <summary>The version that the registry names champion cannot serve.</summary>
/// <param name="Refused">The champion's version.</param>
/// <param name="Answering">Who answers in its place, or by a sound copy in memory; null: nobody.</param>
/// <param name="Reason">What is wrong with it, as a sentence.</param>
public sealed record ChampionAlarm(int Refused, int? Answering, string Reason)
{
    /// <summary>What is wrong, what this process does about it, and what a person can do.</summary>
    public string Message => $"{Reason} {Consequence} Roll back, or promote a version that is sound.";

    private string Consequence => Answering switch
    {
        null => "Nothing answers.",
        { } version when version == Refused => "This process still answers by its sound copy in memory, but no process that starts now can.",
        { } version => $"Version {version} answers in its place.",
    };
}
