using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Tests.Serving.Storing;

public sealed class RowBudgetTests
{
    private static readonly Deadline _later = Deadline.In(TimeSpan.FromMinutes(1));

    [Fact]
    public async Task Who_does_not_fit_waits_in_order_until_there_is_room()
    {
        var budget = new RowBudget(10);
        Assert.True(await budget.Enter(8, _later));
        var large = budget.Enter(9, _later).AsTask();
        var small = budget.Enter(1, _later).AsTask(); // it would fit, but came later

        Assert.False(large.IsCompleted || small.IsCompleted);
        budget.Leave(8);

        Assert.True(await large);
        Assert.True(await small);
        var last = budget.Enter(1, _later).AsTask();
        Assert.False(last.IsCompleted);
        budget.Leave(1);
        Assert.True(await last);
    }

    [Fact]
    public async Task Who_gives_up_takes_no_room_and_holds_nobody_up()
    {
        var budget = new RowBudget(10);
        Assert.True(await budget.Enter(10, _later));

        Assert.False(await budget.Enter(10, Deadline.In(TimeSpan.FromMilliseconds(20))));
        var next = budget.Enter(3, _later).AsTask();
        budget.Leave(3);

        Assert.True(await next);
    }
}
