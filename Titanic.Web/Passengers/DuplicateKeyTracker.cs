using System.Runtime.InteropServices;

namespace Titanic.Web.Passengers;

/// <summary>
/// Finds keys that occur twice in one file. Numbers are kept by source as one bit each, in words of 64 neighbors: consecutive ids cost about
/// half a byte a row, so that a list of tens of millions of rows is checked in a few megabytes. Other keys are kept as they are.
/// </summary>
internal sealed class DuplicateKeyTracker
{
    private readonly Dictionary<string, Dictionary<long, ulong>> _numbers = [];
    private readonly HashSet<(string Source, string Key)> _words = [];

    /// <returns>False when the source's number was added before.</returns>
    public bool Add(string source, long number)
    {
        ref var words = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, source, out _);
        ref var word = ref CollectionsMarshal.GetValueRefOrAddDefault(words ??= [], number >> 6, out _);
        var bit = 1UL << (int)(number & 63);
        if ((word & bit) != 0)
            return false;
        word |= bit;
        return true;
    }

    /// <returns>False when the source's key was added before.</returns>
    public bool Add(string source, string key) => _words.Add((source, key));
}
