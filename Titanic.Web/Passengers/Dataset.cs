namespace Titanic.Web.Passengers;

/// <summary>One opened passenger list: where it comes from and its bytes, to be read once from the beginning to the end.</summary>
public sealed class Dataset : IAsyncDisposable
{
    private readonly LimitedHashingStream _content;
    private readonly IDisposable? _connection;

    internal Dataset(string source, string description, LimitedHashingStream content, IDisposable? connection = null)
    {
        Source = source;
        Description = description;
        _content = content;
        _connection = connection;
    }

    /// <summary>"titanic3" for the shipped list, "upload" for everything else: the feature store's source of its passengers.</summary>
    public string Source { get; }

    /// <summary>For run records and messages; a URL appears without its user, password and query, which may hold secrets.</summary>
    public string Description { get; }

    /// <summary>
    /// Reading throws <see cref="PassengerFileException"/> when the file is larger than allowed, breaks off or keeps us waiting too long.
    /// </summary>
    public Stream Content => _content;

    /// <summary>Lower-case hexadecimal SHA-256 of all bytes.</summary>
    /// <exception cref="InvalidOperationException">The content has not been read to its end.</exception>
    public string Sha256 => _content.Sha256;

    public async ValueTask DisposeAsync()
    {
        await _content.DisposeAsync();
        _connection?.Dispose();
    }
}
