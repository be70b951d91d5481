using System.Net.Sockets;
using System.Text;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Bodies that break the web's own rules in the middle, as no client library would send them.</summary>
[Collection<OneEmptySite>]
public sealed class BrokenRequestTests(EmptySite site)
{
    private const string Row = "901,1,1,Anna,female,30,80\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("zz\r\n")] // no length of a chunk
    [InlineData("-1\r\n")]
    public async Task A_body_that_is_no_chunked_body_is_refused_and_nothing_of_it_stored(string rest)
    {
        var answer = await Send(rest, isEnd: false);

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("The request broke off before it was whole; nothing was stored.", answer, StringComparison.Ordinal);
        Assert.Equal(0L, await Stored("select count(*) from passengers where source_key = '901'"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("500\r\n902,1,1,Bert")] // a chunk that promises more
    public async Task A_body_that_ends_too_early_leaves_nothing_but_a_cancelled_run(string rest)
    {
        var before = await Stored("select count(*) from runs where status = 'Cancelled'");

        await Send(rest, isEnd: true);

        await Eventually.True(async () => await Stored("select count(*) from runs where status = 'Cancelled'") == before + 1, "the run is cancelled");
        Assert.Equal(0L, await Stored("select count(*) from passengers where source_key in ('901', '902')"));
    }

    /// <param name="isEnd">Whether nothing follows, as when a cable is pulled; then nobody waits for an answer.</param>
    private async Task<string> Send(string rest, bool isEnd)
    {
        using var sender = await Sender.To(site);
        var key = sender.Client.DefaultRequestHeaders.GetValues(ApiKeyAuthentication.Header).Single();
        var chunk = Sender.Header + Row;
        using var connection = new TcpClient();
        await connection.ConnectAsync(site.BaseAddress.Host, site.BaseAddress.Port, Cancellation);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/passengers HTTP/1.1\r\nHost: x\r\n{ApiKeyAuthentication.Header}: {key}\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            + $"{chunk.Length:x}\r\n{chunk}\r\n{rest}"), Cancellation);
        if (isEnd)
        {
            await Eventually.True(async () => await Stored("select count(*) from runs where status = 'Running'") == 1, "the body is being read");
            connection.Client.Shutdown(SocketShutdown.Send);
            return "";
        }
        using var answer = new StreamReader(stream);
        return await answer.ReadToEndAsync(Cancellation);
    }

    private async Task<long> Stored(string sql)
    {
        await using var command = site.Database.DataSource.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
