using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Pages;

/// <summary>Registers the Razor pages and their static files.</summary>
public static class PagesModule
{
    public static IServiceCollection AddPages(this IServiceCollection services)
    {
        services.AddRazorPages().AddMvcOptions(mvc => mvc.Filters.Add<PageMethodFilter>());
        // A form that uploads a passenger list may be as large as the list; other requests keep the server's own limit.
        services.AddOptions<FormOptions>().Configure<IOptions<PassengersOptions>>((form, lists) => form.MultipartBodyLengthLimit = lists.Value.MaximumFileSizeInBytes);
        services.AddSingleton<SiteStatus>();
        return services;
    }

    public static void MapPages(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        app.MapRazorPages().WithStaticAssets();
    }
}
