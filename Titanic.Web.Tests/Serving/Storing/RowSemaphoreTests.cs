using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Tests.Serving.Storing;

public sealed class RowSemaphoreTests
{
    private static readonly Deadline _later = Deadline.In(TimeSpan.FromMinutes(1));

    [Fact]
    public async Task Who_does_not_fit_waits_in_order_until_there_is_room()
    {
        var rows = new RowSemaphore(10);
        Assert.True(await rows.WaitAsync(8, _later));
        var large = rows.WaitAsync(9, _later).AsTask();
        var small = rows.WaitAsync(1, _later).AsTask(); // it would fit, but came later

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
    public async Task Who_gives_up_takes_no_room_and_holds_nobody_up()
    {
        var rows = new RowSemaphore(10);
        Assert.True(await rows.WaitAsync(10, _later));

        Assert.False(await rows.WaitAsync(10, Deadline.In(TimeSpan.FromMilliseconds(20))));
        var next = rows.WaitAsync(3, _later).AsTask();
        rows.Release(3);

        Assert.True(await next);
    }
}
