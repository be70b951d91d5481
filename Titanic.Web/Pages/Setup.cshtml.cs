using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Pages;

/// <summary>The content of the first start's banner, which the script <c>setup-progress.js</c> polls.</summary>
[ResponseCache(NoStore = true)]
public sealed class SetupModel(SiteStatus status) : PageModel
{
    public SetupProgress? Progress { get; private set; }

    public async Task OnGetAsync(CancellationToken cancellationToken) => Progress = await status.FindUnfinishedSetup(cancellationToken);
}
