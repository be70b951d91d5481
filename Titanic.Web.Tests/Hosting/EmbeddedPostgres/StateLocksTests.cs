using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

public sealed class StateLocksTests : IDisposable
{
    private readonly TestFolder _folder = TestFolder.Create();

    private string Lock => _folder.PathTo("some.lock");

    [Fact]
    public void The_exclusive_lock_is_available_only_without_shared_locks()
    {
        using var shared = StateLocks.AcquireShared(Lock);
        using (StateLocks.AcquireShared(Lock))
            Assert.Null(StateLocks.TryAcquireExclusive(Lock));
        Assert.Null(StateLocks.TryAcquireExclusive(Lock));

        shared.Dispose();

        using var exclusive = StateLocks.TryAcquireExclusive(Lock);
        Assert.NotNull(exclusive);
    }

    [Fact]
    public async Task Waits_for_the_exclusive_lock_and_can_be_canceled()
    {
        var first = await StateLocks.AcquireExclusive(Lock, TestContext.Current.CancellationToken);
        using var cancellation = new CancellationTokenSource();
        var canceled = StateLocks.AcquireExclusive(Lock, cancellation.Token);
        var second = StateLocks.AcquireExclusive(Lock, TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => canceled);
        await first.DisposeAsync();

        await (await second).DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();
}
