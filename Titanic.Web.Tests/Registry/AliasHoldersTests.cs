using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Registry;

public sealed class AliasHoldersTests
{
    [Fact]
    public void The_first_champion_has_nobody_before_it() =>
        Assert.Equal([new AliasChange("champion", null, 1)], new AliasHolders(null, null, null).Promoting(1));

    [Fact]
    public void Who_was_champion_becomes_previous_and_a_challenger_that_takes_over_is_none_any_more() => Assert.Equal(
        [new AliasChange("champion", 3, 5), new AliasChange("previous", 2, 3), new AliasChange("challenger", 5, null)],
        new AliasHolders(3, 5, 2).Promoting(5));

    [Fact]
    public void Another_challenger_stays() => Assert.Equal(
        [new AliasChange("champion", 3, 4), new AliasChange("previous", 2, 3)], new AliasHolders(3, 5, 2).Promoting(4));

    [Fact]
    public void To_promote_the_previous_version_exchanges_the_two() => Assert.Equal(
        [new AliasChange("champion", 3, 2), new AliasChange("previous", 2, 3)], new AliasHolders(3, null, 2).Promoting(2));

    [Fact]
    public void What_is_so_already_is_no_change()
    {
        var holders = new AliasHolders(3, 5, 2);

        Assert.Empty(holders.Promoting(3));
        Assert.Empty(holders.Challenging(5));
        Assert.Empty(new AliasHolders(3, null, 2).Withdrawing());
    }

    [Fact]
    public void A_version_can_go_by_several_names() => Assert.Equal(["challenger", "previous"], new AliasHolders(3, 2, 2).NamesOf(2));
}
