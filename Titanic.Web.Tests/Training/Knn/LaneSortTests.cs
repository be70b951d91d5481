using System.Runtime.Intrinsics;
using FsCheck.Xunit;
using Titanic.Web.Training.Knn;

namespace Titanic.Web.Tests.Training.Knn;

public sealed class LaneSortTests
{
    [Fact]
    public void Sorts_all_zero_one_inputs()
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
    public void Sorts_different_and_repeated_numbers(long a, long b, long c, long d)
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
