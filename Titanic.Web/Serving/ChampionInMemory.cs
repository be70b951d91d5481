using Titanic.Web.Registry;

namespace Titanic.Web.Serving;

/// <summary>The champion that this process answers with. A damaged newcomer is refused and the one before keeps answering.</summary>
public sealed partial class ChampionInMemory(IServiceScopeFactory scopes, ILogger<ChampionInMemory> log)
{
    private readonly SemaphoreSlim _oneReload = new(1, 1);
    private volatile ServedModel? _current;

    /// <summary>Null while no version has been promoted yet.</summary>
    public ServedModel? Current => _current;

    /// <summary>Takes over what the registry names champion now.</summary>
    public async Task<ServedModel?> Reload(CancellationToken cancellation)
    {
        await _oneReload.WaitAsync(cancellation);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var champion = await scope.ServiceProvider.GetRequiredService<ModelRegistry>().Champion(cancellation);
            if (champion is null || champion.ArtifactSha256 == _current?.ArtifactSha256 && champion.Version == _current.Version)
                return _current;
            _current = ServedModel.Of(champion);
            LogInService(champion.Version, champion.ArtifactSha256);
        }
        catch (InvalidDataException damaged)
        {
            LogRefused(damaged, _current?.Version);
        }
        finally
        {
            _oneReload.Release();
        }
        return _current;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Champion version {Version} is in service ({Sha256})")]
    private partial void LogInService(int version, string sha256);

    [LoggerMessage(Level = LogLevel.Error, Message = "The champion was refused; version {Version} keeps answering")]
    private partial void LogRefused(Exception damaged, int? version);
}
