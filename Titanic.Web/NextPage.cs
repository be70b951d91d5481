using System.Globalization;

namespace Titanic.Web;

/// <summary>The member <c>next</c> of lists whose pages begin before an id.</summary>
internal static class NextPage
{
    /// <summary>The URL of the next page, with the other parameters of the request.</summary>
    /// <param name="path">The path of the list.</param>
    /// <param name="last">The last id of this page.</param>
    public static string Url(string path, HttpRequest request, long last)
    {
        var query = request.Query.Where(parameter => !parameter.Key.Equals("before", StringComparison.OrdinalIgnoreCase));
        return path + QueryString.Create(query).Add("before", last.ToString(CultureInfo.InvariantCulture));
    }
}
