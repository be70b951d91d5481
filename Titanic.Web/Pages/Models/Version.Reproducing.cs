using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;
using Titanic.Web.Lifecycle;
using Titanic.Web.Pages.Shared;
using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Models;

public sealed partial class ModelVersionModel
{
    private const int ReproductionsShown = 10;

    public VersionReproduction Reproduction { get; private set; } = null!;

    /// <summary>Makes the version again; the page then shows the stored result, so that reading it once more does not ask once more.</summary>
    public async Task<IActionResult> OnPostReproduceAsync(int version, [FromServices] ModelReproduction reproduction, CancellationToken cancellationToken)
    {
        if (!await IsOperator())
            return User.Identity is { IsAuthenticated: true } ? Forbid() : Challenge();
        if (await registry.Find(version, cancellationToken) is not { } found)
            return NotFound();
        await reproduction.Make(found, AuditLog.NameOf(User), cancellationToken);
        return RedirectToPage("Version", null, new { version }, "reproduction");
    }

    private async Task<VersionReproduction> ReproductionOf(ModelVersion version, CancellationToken cancellationToken)
    {
        var results = await reproductions.Of(version.Version, null, ReproductionsShown, cancellationToken);
        return new VersionReproduction(
            new ReproductionBadge(version.Version, results.FirstOrDefault(), clock.GetUtcNow()), version.CodeVersion, results, MayOperate);
    }

    private async Task<bool> IsOperator() => (await authorization.AuthorizeAsync(User, AccessPolicies.Operator)).Succeeded;
}

/// <param name="RegisteredBy">The code that registered the version.</param>
/// <param name="Results">Newest first.</param>
/// <param name="MayReproduce">Whether the visitor may make it again; the handler asks again.</param>
public sealed record VersionReproduction(ReproductionBadge Badge, string RegisteredBy, IReadOnlyList<Reproduction> Results, bool MayReproduce);
