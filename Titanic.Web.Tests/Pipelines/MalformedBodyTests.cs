using System.Net.Sockets;
using System.Text;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Pipelines;

/// <summary>Bodies with malformed or incomplete chunked encoding, written to the socket because HTTP clients do not send them.</summary>
[Collection<EmptySiteCollection>]
public sealed class MalformedBodyTests(EmptySite site)
{
    private const string Row = "901,1,1,Anna,female,30,80\n";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("zz\r\n")] // not a chunk size
    [InlineData("-1\r\n")]
    public async Task Returns_400_for_an_invalid_chunk_size_and_stores_nothing(string rest)
    {
        var response = await Send(rest, isEnd: false);

        Assert.StartsWith("HTTP/1.1 400 ", response, StringComparison.Ordinal);
        Assert.Contains("The request body is incomplete or malformed. Nothing was stored.", response, StringComparison.Ordinal);
        Assert.Equal(0L, await Scalar("select count(*) from passengers where source_key = '901'"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("500\r\n902,1,1,Bert")] // a chunk that is shorter than its size
    public async Task Cancels_the_run_when_the_body_ends_early(string rest)
    {
        var before = await Scalar("select count(*) from runs where status = 'Cancelled'");

        await Send(rest, isEnd: true);

        await Eventually.True(async () => await Scalar("select count(*) from runs where status = 'Cancelled'") == before + 1, "the run is cancelled");
        Assert.Equal(0L, await Scalar("select count(*) from passengers where source_key in ('901', '902')"));
    }

    /// <param name="isEnd">
    /// Whether the client closes its side of the connection after <paramref name="rest"/>; then no response is read.
    /// </param>
    private async Task<string> Send(string rest, bool isEnd)
    {
        using var sender = await IngestionClient.Create(site);
        var key = sender.Http.DefaultRequestHeaders.GetValues(ApiKeyAuthentication.Header).Single();
        var chunk = IngestionClient.Header + Row;
        using var connection = new TcpClient();
        await connection.ConnectAsync(site.BaseAddress.Host, site.BaseAddress.Port, Cancellation);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/passengers HTTP/1.1\r\nHost: {site.BaseAddress.Authority}\r\n{ApiKeyAuthentication.Header}: {key}\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            + $"{chunk.Length:x}\r\n{chunk}\r\n{rest}"), Cancellation);
        if (isEnd)
        {
            await Eventually.True(async () => await Scalar("select count(*) from runs where status = 'Running'") == 1, "the body is being read");
            connection.Client.Shutdown(SocketShutdown.Send);
            return "";
        }
        using var response = new StreamReader(stream);
        return await response.ReadToEndAsync(Cancellation);
    }

    private async Task<long> Scalar(string sql)
    {
        await using var command = site.Database.DataSource.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
