using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Passengers;

/// <summary>
/// Downloads a dataset from an http or https URL. It follows redirects itself, because the handler returns the last response of a
/// redirect loop as if it were the file.
/// </summary>
public sealed class DatasetDownload(IHttpClientFactory clients, IOptions<PassengersOptions> options, TimeProvider clock)
{
    /// <summary>The name of the HTTP client.</summary>
    public const string ClientName = "datasets";

    /// <summary>Sends the request and returns the dataset when the response headers are valid; the body is streamed.</summary>
    /// <exception cref="PassengerFileException">
    /// The URL is not http or https, leads to an address that is not public, cannot be reached, times out, redirects in a loop or more than
    /// <see cref="PassengersOptions.MaximumRedirects"/> times, or the response is not 200, is HTML or is larger than allowed.
    /// </exception>
    public async Task<Dataset> OpenAsync(string url, CancellationToken cancellation, CsvReadOptions? read = null)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || !IsHttp(address))
            throw new PassengerFileException(
                $"The dataset is \"{Excerpt.TruncateRecord(url)}\"; it must be an http or https URL, or a path.");

        var response = await SendAsync(address, cancellation);
        try
        {
            RequireCsv(response);
            var displayUrl = FormatUrl(address);
            var body = await response.Content.ReadAsStreamAsync(cancellation);
            var content = new LimitedHashingStream(body, displayUrl, options.Value.MaximumFileSizeInBytes, options.Value.DownloadTimeOut, clock);
            return new(displayUrl, content, options.Value) { Connection = response, Read = read ?? CsvReadOptions.Detect };
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> SendAsync(Uri address, CancellationToken cancellation)
    {
        using var timeOut = new CancellationTokenSource(options.Value.DownloadTimeOut, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeOut.Token, cancellation);
        try
        {
            return await FollowRedirectsAsync(address, either.Token);
        }
        catch (HttpRequestException exception) when (exception.InnerException is NonPublicAddressException refused)
        {
            throw new PassengerFileException(
                $"{FormatUrl(address)} cannot be read. {refused.Message} Hint: download the file and import it, or set that setting to true.", innerException: exception);
        }
        catch (HttpRequestException exception)
        {
            throw new PassengerFileException($"{FormatUrl(address)} cannot be reached: {FailureText.OfNetwork(exception)}. "
                + "Hint: check the URL and the network of this server.", innerException: exception);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new PassengerFileException($"{FormatUrl(address)} did not respond within {options.Value.DownloadTimeOut:c}. "
                + $"Hint: try again, or raise {PassengersOptions.Section}:DownloadTimeOut.", innerException: exception);
        }
    }

    private async Task<HttpResponseMessage> FollowRedirectsAsync(Uri address, CancellationToken cancellation)
    {
        var client = clients.CreateClient(ClientName);
        List<Uri> visited = [address];
        while (true)
        {
            var response = await client.GetAsync(visited[^1], HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (!IsRedirect(response))
                return response;
            using (response)
                visited.Add(NextAddress(response, visited));
        }
    }

    private static Uri NextAddress(HttpResponseMessage response, List<Uri> visited)
    {
        var current = visited[^1];
        var next = new Uri(current, response.Headers.Location!);
        if (!IsHttp(next) || (current.Scheme == Uri.UriSchemeHttps && next.Scheme == Uri.UriSchemeHttp))
        {
            throw new PassengerFileException($"{FormatUrl(current)} redirects to {FormatUrl(next)}; only http and https are followed, "
                + "and never from https to http. Hint: use the final URL of the file.");
        }
        if (visited.Contains(next))
        {
            throw new PassengerFileException($"{FormatUrl(visited[0])} leads to a redirect loop at {FormatUrl(next)}. "
                + "Hint: use the final URL of the file.");
        }
        if (visited.Count > PassengersOptions.MaximumRedirects)
        {
            throw new PassengerFileException(string.Create(CultureInfo.InvariantCulture,
                $"{FormatUrl(visited[0])} redirects more than {PassengersOptions.MaximumRedirects} times, the maximum. ")
                + "Hint: use the final URL of the file.");
        }
        return next;
    }

    private void RequireCsv(HttpResponseMessage response)
    {
        var displayUrl = FormatUrl(response.RequestMessage!.RequestUri!);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new PassengerFileException(string.Create(CultureInfo.InvariantCulture,
                $"{displayUrl} returned status {(int)response.StatusCode} ({response.ReasonPhrase}); it must be 200. ")
                + "Hint: the file may have moved or require a sign-in.");
        }
        if (response.Content.Headers.ContentType?.MediaType is "text/html" or "application/xhtml+xml")
        {
            throw new PassengerFileException($"{displayUrl} is an HTML page, not a CSV file. "
                + "Hint: use the URL of the raw file, not of the page that displays it.");
        }
        if (response.Content.Headers.ContentLength > options.Value.MaximumFileSizeInBytes)
            throw LimitedHashingStream.TooLarge(displayUrl, options.Value.MaximumFileSizeInBytes);
    }

    private static bool IsRedirect(HttpResponseMessage response) =>
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is not null;

    private static bool IsHttp(Uri address) => address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps;

    private static string FormatUrl(Uri address) =>
        address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}
