using System.Runtime.Intrinsics;
using FsCheck.Xunit;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class LaneSortTests
{
    [Fact]
    public void Sorts_every_order_of_zeros_and_ones_and_so_every_order_of_anything()
    {
        for (var bits = 0; bits < 256; bits++)
        {
            var lanes = new long[8];
            for (var lane = 0; lane < lanes.Length; lane++)
                lanes[lane] = (bits >> lane) & 1;

            Assert.Equal(lanes.OrderDescending(), Sorted(lanes)); // the 0-1 principle of sorting networks
        }
    }

    [Property]
    public void Sorts_numbers_that_differ_and_repeat(long a, long b, long c, long d)
    {
        long[] lanes = [a, b, a, c, d, b, -a, a];

        Assert.Equal(lanes.OrderDescending(), Sorted(lanes));
    }

    private static long[] Sorted(long[] lanes)
    {
        var sorted = new long[8];
        LaneSort.Descending(Vector512.Create(lanes)).CopyTo(sorted);
        return sorted;
    }
}
