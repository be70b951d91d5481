using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Registry;

public sealed class CurrentAliasesTests
{
    [Fact]
    public void The_first_champion_has_no_previous_version() =>
        Assert.Equal([new AliasChange("champion", null, 1)], new CurrentAliases(null, null, null).ChangesToPromote(1));

    [Fact]
    public void Promoting_the_challenger_makes_the_champion_previous_and_clears_challenger() => Assert.Equal(
        [new AliasChange("champion", 3, 5), new AliasChange("previous", 2, 3), new AliasChange("challenger", 5, null)],
        new CurrentAliases(3, 5, 2).ChangesToPromote(5));

    [Fact]
    public void Promoting_another_version_keeps_the_challenger() => Assert.Equal(
        [new AliasChange("champion", 3, 4), new AliasChange("previous", 2, 3)], new CurrentAliases(3, 5, 2).ChangesToPromote(4));

    [Fact]
    public void Promoting_the_previous_version_swaps_champion_and_previous() => Assert.Equal(
        [new AliasChange("champion", 3, 2), new AliasChange("previous", 2, 3)], new CurrentAliases(3, null, 2).ChangesToPromote(2));

    [Fact]
    public void Moves_without_effect_have_no_changes()
    {
        var aliases = new CurrentAliases(3, 5, 2);

        Assert.Empty(aliases.ChangesToPromote(3));
        Assert.Empty(aliases.ChangesToChallenge(5));
        Assert.Empty(new CurrentAliases(3, null, 2).ChangesToWithdraw());
    }

    [Fact]
    public void A_version_can_have_several_aliases() => Assert.Equal(["challenger", "previous"], new CurrentAliases(3, 2, 2).AliasesOf(2));
}
