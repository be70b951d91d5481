using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Tests.Serving.Storing;

public sealed class RowSemaphoreTests
{
    private static readonly Deadline _later = Deadline.In(TimeSpan.FromMinutes(1));

    [Fact]
    public async Task Waits_in_order_until_enough_rows_are_released()
    {
        var rows = new RowSemaphore(10);
        Assert.True(await rows.WaitAsync(8, _later));
        var large = rows.WaitAsync(9, _later).AsTask();
        var small = rows.WaitAsync(1, _later).AsTask(); // would fit, but was requested later

        Assert.False(large.IsCompleted || small.IsCompleted);
        rows.Release(8);

        Assert.True(await large);
        Assert.True(await small);
        var last = rows.WaitAsync(1, _later).AsTask();
        Assert.False(last.IsCompleted);
        rows.Release(1);
        Assert.True(await last);
    }

    [Fact]
    public async Task A_timed_out_wait_acquires_nothing_and_does_not_block_later_ones()
    {
        var rows = new RowSemaphore(10);
        Assert.True(await rows.WaitAsync(10, _later));

        Assert.False(await rows.WaitAsync(10, Deadline.In(TimeSpan.FromMilliseconds(20))));
        var next = rows.WaitAsync(3, _later).AsTask();
        rows.Release(3);

        Assert.True(await next);
    }
}
