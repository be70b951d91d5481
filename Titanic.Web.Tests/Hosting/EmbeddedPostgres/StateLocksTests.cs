using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

public sealed class StateLocksTests : IDisposable
{
    private readonly TestFolder _folder = TestFolder.Create();

    private string Lock => _folder.In("some.lock");

    [Fact]
    public void Users_share_a_lock_and_only_the_last_one_finds_itself_alone()
    {
        using var one = StateLocks.Shared(Lock);
        using (StateLocks.Shared(Lock))
            Assert.Null(StateLocks.TryExclusive(Lock));
        Assert.Null(StateLocks.TryExclusive(Lock));

        one.Dispose();

        using var alone = StateLocks.TryExclusive(Lock);
        Assert.NotNull(alone);
    }

    [Fact]
    public async Task A_second_start_waits_for_the_first_and_can_be_given_up()
    {
        var first = await StateLocks.Exclusive(Lock, TestContext.Current.CancellationToken);
        using var impatience = new CancellationTokenSource();
        var givenUp = StateLocks.Exclusive(Lock, impatience.Token);
        var second = StateLocks.Exclusive(Lock, TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => givenUp);
        await first.DisposeAsync();

        await (await second).DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();
}
