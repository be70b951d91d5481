using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Passengers;

/// <summary>
/// Opens a list at an http or https address. Redirects are followed here and not by the handler, which would hand back the last
/// answer of a loop as if it were the file.
/// </summary>
public sealed class DatasetDownload(IHttpClientFactory clients, IOptions<PassengersOptions> options, TimeProvider clock)
{
    public const string ClientName = "datasets";

    /// <exception cref="PassengerFileException">
    /// Not http or https, unreachable, too slow, redirected in a loop or too often, not answered with 200, HTML, or larger than allowed.
    /// </exception>
    public async Task<Dataset> OpenAsync(string url, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || !IsWeb(address))
            throw new PassengerFileException($"\"{Excerpt.TruncateRecord(url)}\" is not an http or https URL; only these and paths are allowed.");

        var answer = await AnswerAsync(address, cancellation);
        try
        {
            RequireCsv(answer);
            var shown = Shown(address);
            var body = await answer.Content.ReadAsStreamAsync(cancellation);
            var content = new LimitedHashingStream(body, shown, options.Value.MaximumFileSizeInBytes, options.Value.DownloadTimeOut, clock);
            return new(shown, content, options.Value) { Connection = answer };
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(Uri address, CancellationToken cancellation)
    {
        using var timeOut = new CancellationTokenSource(options.Value.DownloadTimeOut, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeOut.Token, cancellation);
        try
        {
            return await FollowRedirectsAsync(address, either.Token);
        }
        catch (HttpRequestException trouble)
        {
            throw new PassengerFileException($"{Shown(address)} cannot be reached: {trouble.Message} "
                + "Hint: check the address and this machine's network.", cause: trouble);
        }
        catch (OperationCanceledException trouble) when (!cancellation.IsCancellationRequested)
        {
            throw new PassengerFileException($"{Shown(address)} did not answer within {options.Value.DownloadTimeOut:c}. "
                + $"Hint: try again, or raise {PassengersOptions.Section}:DownloadTimeOut.", cause: trouble);
        }
    }

    private async Task<HttpResponseMessage> FollowRedirectsAsync(Uri address, CancellationToken cancellation)
    {
        var client = clients.CreateClient(ClientName);
        List<Uri> visited = [address];
        while (true)
        {
            var answer = await client.GetAsync(visited[^1], HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (!IsRedirect(answer))
                return answer;
            using (answer)
                visited.Add(NextAddress(answer, visited));
        }
    }

    private static Uri NextAddress(HttpResponseMessage answer, List<Uri> visited)
    {
        var here = visited[^1];
        var next = new Uri(here, answer.Headers.Location!);
        if (!IsWeb(next) || (here.Scheme == Uri.UriSchemeHttps && next.Scheme == Uri.UriSchemeHttp))
        {
            throw new PassengerFileException($"{Shown(here)} redirects to {Shown(next)}; only http and https are followed, "
                + "and never from https to http. Hint: give the file's final address.");
        }
        if (visited.Contains(next))
        {
            throw new PassengerFileException($"{Shown(visited[0])} leads into a redirect loop at {Shown(next)}. "
                + "Hint: give the file's final address.");
        }
        if (visited.Count > PassengersOptions.MaximumRedirects)
        {
            throw new PassengerFileException(string.Create(CultureInfo.InvariantCulture,
                $"{Shown(visited[0])} redirects more than {PassengersOptions.MaximumRedirects} times, which is the most allowed. ")
                + "Hint: give the file's final address.");
        }
        return next;
    }

    private void RequireCsv(HttpResponseMessage answer)
    {
        var shown = Shown(answer.RequestMessage!.RequestUri!);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            throw new PassengerFileException(string.Create(CultureInfo.InvariantCulture,
                $"{shown} answered {(int)answer.StatusCode} ({answer.ReasonPhrase}); 200 is needed. ")
                + "Hint: the file may have moved or need a sign-in.");
        }
        if (answer.Content.Headers.ContentType?.MediaType is "text/html" or "application/xhtml+xml")
        {
            throw new PassengerFileException($"{shown} is an HTML page, not a CSV file. "
                + "Hint: give the address of the raw file, not of the page that shows it.");
        }
        if (answer.Content.Headers.ContentLength > options.Value.MaximumFileSizeInBytes)
            throw LimitedHashingStream.TooLarge(shown, options.Value.MaximumFileSizeInBytes);
    }

    private static bool IsRedirect(HttpResponseMessage answer) =>
        (int)answer.StatusCode is 301 or 302 or 303 or 307 or 308 && answer.Headers.Location is not null;

    private static bool IsWeb(Uri address) => address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps;

    private static string Shown(Uri address) =>
        address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
