using FsCheck.Xunit;
using Titanic.Web.Passengers;

namespace Titanic.Web.Tests.Passengers;

public sealed class DuplicateKeyTrackerTests
{
    [Property]
    public void Equals_a_HashSet(long[] ids)
    {
        var tracker = new DuplicateKeyTracker();
        var set = new HashSet<long>();

        foreach (var id in ids.Concat(ids).Select(id => id & long.MaxValue))
            Assert.Equal(set.Add(id), tracker.Add("", id));
    }

    [Fact]
    public void Distinguishes_neighboring_ids_and_64_bit_words()
    {
        var tracker = new DuplicateKeyTracker();
        long[] ids = [1, 63, 64, 65, 127, 128, long.MaxValue - 1, long.MaxValue];

        Assert.All(ids, id => Assert.True(tracker.Add("", id)));
        Assert.All(ids, id => Assert.False(tracker.Add("", id)));
    }
}
