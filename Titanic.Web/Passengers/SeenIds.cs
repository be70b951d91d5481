using System.Runtime.InteropServices;

namespace Titanic.Web.Passengers;

/// <summary>
/// The ids of one file, one bit each in words of 64 neighbours: a running id costs about half a byte per row, so that a list of tens
/// of millions of rows can be checked for repeats in a few megabytes.
/// </summary>
internal sealed class SeenIds
{
    private readonly Dictionary<long, ulong> _words = [];

    /// <summary>False when the id was there before.</summary>
    public bool Add(long id)
    {
        var bit = 1UL << (int)(id & 63);
        ref var word = ref CollectionsMarshal.GetValueRefOrAddDefault(_words, id >> 6, out _);
        if ((word & bit) != 0)
            return false;
        word |= bit;
        return true;
    }
}
