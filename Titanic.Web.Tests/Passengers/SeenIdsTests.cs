using FsCheck.Xunit;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class SeenIdsTests
{
    [Property]
    public void Agrees_with_a_plain_set(long[] ids)
    {
        var seen = new SeenIds();
        var set = new HashSet<long>();

        foreach (var id in ids.Concat(ids).Select(id => id & long.MaxValue))
            Assert.Equal(set.Add(id), seen.Add(id));
    }

    [Fact]
    public void Keeps_neighbours_and_words_apart()
    {
        var seen = new SeenIds();
        long[] ids = [1, 63, 64, 65, 127, 128, long.MaxValue - 1, long.MaxValue];

        Assert.All(ids, id => Assert.True(seen.Add(id)));
        Assert.All(ids, id => Assert.False(seen.Add(id)));
    }
}
