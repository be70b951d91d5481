namespace Titanic.Web.Passengers;

/// <summary>The keys of one file by source: numbers in the little room of <see cref="SeenIds"/>, words as they are.</summary>
internal sealed class SeenKeys
{
    private readonly Dictionary<string, SeenIds> _ids = [];
    private readonly HashSet<(string Source, string Key)> _words = [];

    /// <summary>False when the number was there before.</summary>
    public bool Add(string source, long id)
    {
        if (!_ids.TryGetValue(source, out var seen))
            _ids[source] = seen = new SeenIds();
        return seen.Add(id);
    }

    /// <summary>False when the word was there before.</summary>
    public bool Add(string source, string key) => _words.Add((source, key));
}
