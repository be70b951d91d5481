using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Pages.Shared;
using Titanic.Web.Registry;
using Titanic.Web.Training;

namespace Titanic.Web.Pages.Models;

/// <summary>All registered versions, newest first, one page at a time. All state is in the URL. Model artifacts are not read.</summary>
public sealed class ModelsIndexModel(VersionList list, ModelRegistry registry, Reproductions reproductions) : OperatorPageModel
{
    private const int RowsPerPage = 25;

    [BindProperty(SupportsGet = true)]
    public VersionFilter Filter { get; set; } = new();

    /// <summary>Page cursor: only versions with a smaller number. Null: the newest.</summary>
    [BindProperty(SupportsGet = true)]
    public int? Before { get; set; }

    public IReadOnlyList<ListedVersion> Versions { get; private set; } = [];
    public CurrentAliases Holders { get; private set; } = new(null, null, null);

    /// <summary>The latest reproduction by version.</summary>
    public IReadOnlyDictionary<int, Reproduction> LatestReproductions { get; private set; } = new Dictionary<int, Reproduction>();

    /// <summary>The cursor of the next page; null on the last page.</summary>
    public int? NextBefore { get; private set; }

    public IReadOnlyDictionary<string, string> Problems { get; private set; } = new Dictionary<string, string>();

    /// <summary>The algorithms of registered versions, for the filter.</summary>
    public static IReadOnlyList<string> Algorithms => LearnerCatalog.Algorithms;

    public async Task OnGetAsync(CancellationToken cancellationToken)
    {
        Problems = ModelState.IsValid
            ? Filter.Problems()
            : new Dictionary<string, string>
            {
                ["before"] = ErrorText.Invalid("The parameter before", Request.Query["before"].ToString(), "a whole number"),
            };
        if (Problems.Count > 0)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var found = await list.Read(Filter, Before, RowsPerPage + 1, cancellationToken);
        Versions = [.. found.Take(RowsPerPage)];
        NextBefore = found.Count > RowsPerPage ? Versions[^1].Version : null;
        Holders = await registry.ReadAliases(cancellationToken);
        LatestReproductions = await reproductions.FindNewest([.. Versions.Select(version => version.Version)], cancellationToken);
    }

    public ReproductionBadge BadgeOf(int version) => new(version, LatestReproductions.GetValueOrDefault(version), IsBrief: true);
}
